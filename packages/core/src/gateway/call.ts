import type { RequestCache } from '../cache/cache-options.js';
import type { CompressionPreset } from '../compression/presets.js';
import type { CallStatus } from '../ledger/ledger-record.js';
import type { Cost } from '../model/cost.js';
import type { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelEvent } from '../model/model-event.js';
import type { ModelRequest } from '../model/model-request.js';
import type { Reply } from '../model/reply.js';
import type { ExperimentAssignment } from '../routing/experiments/experiments.js';
import type { RouteCandidate, RouteDecision } from '../routing/route-decision.js';
import type { RoutedTask } from '../routing/routed-task.js';
import type { RequestRouting } from '../routing/routing-policy.js';
import type { Cancellation } from './cancellation.js';
import type { CallLabels, TimeLimits } from './chat-request.js';
import type { FailedAttempt, RetryOptions } from './retry-policy.js';

/** How a call ended. */
export interface CallOutcome {
  readonly status: CallStatus;
  readonly error?: MillraceError | undefined;
  /** The whole answer, of a call that succeeded. */
  readonly reply?: (() => Reply) | undefined;
}

/**
 * Sees a call go by without changing it. Called synchronously by the one pump that moves the events, so that many
 * watchers cost next to nothing. Must not wait; what it throws is logged and does no harm to the call.
 */
export interface CallWatcher {
  /** Every event that reaches the caller, in order. */
  event?(event: ModelEvent): void;
  /** An attempt failed before any output, and another one follows. */
  retry?(failed: FailedAttempt): void;
  /** Exactly once, whatever happened. */
  end?(outcome: CallOutcome): void;
}

/** One call on its way through the stages. A stage hands on a copy when it changes something. */
export interface Call {
  readonly id: string;
  readonly operation: 'chat' | 'stream';
  readonly request: ModelRequest;
  readonly labels: CallLabels;
  readonly timeLimits: TimeLimits;
  readonly retry?: RetryOptions | undefined;
  readonly cache?: RequestCache | undefined;
  readonly routing?: RequestRouting | undefined;
  /** `off` where there is no compressor. */
  readonly compression: CompressionPreset;
  /** Whether the host can use an answer: it fits the schema that was asked for. Absent where none was. */
  readonly accepts?: ((reply: Reply) => Promise<boolean>) | undefined;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Comes when the caller cancels or the total time is over. `cancellation.signal` is the same as a signal. */
  readonly cancellation: Cancellation;
  /** What to try, best first. Empty before the route stage. */
  readonly candidates: readonly RouteCandidate[];
  /** What is found out on the way; the same object in every copy of the call. */
  readonly trace: CallTrace;
  /** Whether another candidate is called when this one fails so; then it is not called again itself. */
  readonly movesOn?: ((error: unknown) => boolean) | undefined;
  /** Add a watcher; it sees what comes from now on. */
  watch(watcher: CallWatcher): void;
  /** Tell the watchers of an attempt that failed and is followed by another one. */
  announceRetry(failed: FailedAttempt): void;
}

/** How an answer was come by without a call of its own. */
export interface CacheUse {
  readonly status: 'hit' | 'joined';
  /** US dollars; null where the price is not known. */
  readonly savedUsd: number | null;
  /** Input and output tokens that were not used again. */
  readonly tokensSaved: number;
}

/** What the stages find out about a call. */
export interface CallTrace {
  /** The candidate that is being tried. */
  attempt?: RouteCandidate | undefined;
  /** What the router decided. */
  decision?: RouteDecision | undefined;
  /** The experiment that it takes part in. */
  assignment?: ExperimentAssignment | undefined;
  /** What the call is about; found out when it is needed. */
  task?: RoutedTask | undefined;
  /** What the attempt has used so far: an estimate until the vendor's own figures are here. Absent when nothing was used. */
  partial?: (() => Cost) | undefined;
  /** The answer is one that was given before, or that is given to others too. */
  cache?: CacheUse | undefined;
  /** What the compressor did; `stages` has the tokens that each of them saved. */
  compression?:
    | {
        readonly tokensBefore: number;
        readonly tokensAfter: number;
        readonly stages: Readonly<Record<string, number>>;
      }
    | undefined;
  /** The least that is left in any budget of the call, in US dollars, with what the call may cost taken off. */
  budgetLeftUsd?: number | undefined;
}

/** Turns a call into the events of its answer. Nothing happens before the first event is pulled. */
export type Handler = (call: Call) => AsyncIterable<ModelEvent>;

/** Something done to a call on its way to the model, or to the events on their way back. */
export type Stage = (next: Handler) => Handler;

/** A stage with a name to find it by. */
export interface NamedStage {
  readonly name: string;
  readonly stage: Stage;
}
