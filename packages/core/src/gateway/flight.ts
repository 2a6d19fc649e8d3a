import type { Cost } from '../model/cost.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { EventIterator } from '../model/event-iterator.js';
import type { FinishEvent, ModelEvent } from '../model/model-event.js';
import type { Call, CallTrace, Handler } from './call.js';
import { createCancellation } from './cancellation.js';
import type { CallLabels } from './chat-request.js';
import { closeQuietly, drain } from './close-quietly.js';
import { deferred } from './deferred.js';
import type { FailedAttempt } from './retry-policy.js';

type FlightState = 'flying' | 'landed' | 'failed';

/** One call to a vendor that several callers may share. */
export interface Flight {
  /** Everything that has come so far. */
  readonly events: readonly ModelEvent[];
  /** How it stands: nobody may join one that failed or was left by all. */
  state(): FlightState;
  /**
   * Take part in it, from its first event on. `instead` is what follows when it ends for reasons that only others
   * have: a budget refused the one who began it, or all had left.
   */
  join(call: Call, instead: () => AsyncIterable<ModelEvent>): AsyncIterable<ModelEvent>;
}

const FREE: Cost = { tokensIn: 0, tokensOut: 0, costUsd: 0, estimated: false };
const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

/** What a caller who does not pay is told of the cost. */
export const freeFinish = (event: FinishEvent): FinishEvent => ({
  ...event,
  cost: { ...FREE, savedUsd: event.cost?.costUsd ?? null },
});

/** Whether a budget refused one call that may not refuse the other, because they are for different people or purposes. */
const isRefusal = (error: unknown, one: CallLabels, other: CallLabels): boolean =>
  MillraceError.isInstance(error) &&
  (error.code === 'BUDGET_EXCEEDED' || error.code === 'UNKNOWN_PRICE') &&
  JSON.stringify(one) !== JSON.stringify(other);

// Apart from the flight, which would otherwise keep hold of the call.
const begin = (leader: Call, next: Handler, changes: Partial<Call>): EventIterator =>
  deferred(() => next({ ...leader, ...changes }))[Symbol.asyncIterator]();

/** Tokens of an answer that somebody else has paid for. */
export const tokensOf = ({ cost }: FinishEvent): number => (cost?.tokensIn ?? 0) + (cost?.tokensOut ?? 0);

/**
 * Begin a call that others may join. It goes on as long as one of them stays. The first of those who are there when it
 * ends pays for it; for the others it is free. When all have left, the last one pays for what was used.
 */
export const startFlight = (leader: Call, next: Handler): Flight => {
  const events: ModelEvent[] = [];
  const riders = new Set<Call>();
  const cancellation = createCancellation();
  const trace: CallTrace = { ...leader.trace };
  const { id, labels } = leader;
  let state: FlightState = 'flying';
  let failure: unknown;
  /** The id of the call that pays. */
  let payer: string | undefined;
  let pulling: Promise<void> | undefined;
  /** Who pays for an attempt that is repeated. */
  let retrying: Call | undefined;
  const announceRetry = (failed: FailedAttempt): void => {
    retrying = first();
    if (retrying !== undefined) retrying.trace.attempt = trace.attempt;
    retrying?.announceRetry(failed);
    retrying = undefined;
  };
  let source: EventIterator | undefined = begin(leader, next, { cancellation, trace, announceRetry });

  const first = (): Call | undefined => riders.values().next().value;
  const settle = (how: 'landed' | 'failed'): void => {
    state = how;
    payer = first()?.id;
    // What is remembered of it is the answer. What was asked may be long, and is let go of.
    const cost = trace.partial?.();
    trace.partial = cost && (() => cost);
    source = undefined;
  };
  const arrived = (event: ModelEvent): void => {
    events.push(event);
    if (event.type !== 'finish') return;
    const landing = source;
    settle('landed');
    if (landing !== undefined) void drain(landing);
  };
  /** Pull once, however many are waiting. */
  const pull = (): Promise<void> => {
    pulling ??= (async () => {
      try {
        const result = (await source?.next()) ?? DONE;
        if (result.done !== true) arrived(result.value);
        else if (state === 'flying') {
          failure = new MillraceError('INTERRUPTED', 'The answer broke off before it was finished.');
          settle('failed');
        }
      } catch (error) {
        if (state === 'flying') {
          failure = error;
          settle('failed');
        }
      } finally {
        pulling = undefined;
      }
    })();
    return pulling;
  };
  const leave = (call: Call): void => {
    if (!riders.delete(call) || riders.size > 0 || state !== 'flying') return;
    state = 'failed';
    cancellation.cancel(new MillraceError('CANCELLED', 'Nobody waits for the answer any more.'));
    closeQuietly(source);
    source = undefined;
  };

  const ride = (call: Call, instead: () => AsyncIterable<ModelEvent>): EventIterator => {
    // All the others have left since it was found.
    if (state === 'failed') return instead()[Symbol.asyncIterator]();
    const joined = call.id !== id;
    let other: EventIterator | undefined;
    let index = 0;
    let left = false;
    riders.add(call);
    if (joined) call.trace.cache = { status: 'joined', savedUsd: null, tokensSaved: 0 };
    const partial = (): Cost => {
      const alone = riders.size === 1 && riders.has(call);
      const pays = retrying === call || (state === 'flying' ? alone : payer === call.id);
      return (pays ? trace.partial?.() : undefined) ?? FREE;
    };
    call.trace.partial = partial;

    const show = (event: ModelEvent): ModelEvent => {
      if (event.type === 'stream-start') {
        // Which of the candidates it was in the end.
        call.trace.attempt = trace.attempt ?? call.trace.attempt;
        return { ...event, callId: call.id, ...(joined && { cache: 'joined' as const }) };
      }
      if (event.type !== 'finish') return event;
      if (payer === call.id) {
        // It joined, but those before it have left.
        call.trace.cache = undefined;
        call.trace.budgetLeftUsd = trace.budgetLeftUsd;
        call.trace.compression = trace.compression;
        return event;
      }
      const free = freeFinish(event);
      call.trace.cache = {
        status: 'joined',
        savedUsd: free.cost?.savedUsd ?? null,
        tokensSaved: tokensOf(event),
      };
      return free;
    };
    const kept = (): ModelEvent | undefined => {
      const event = events[index];
      if (event === undefined) return undefined;
      index += 1;
      return show(event);
    };

    return {
      async next() {
        for (;;) {
          if (other !== undefined) return other.next();
          if (left) return DONE;
          const event = kept();
          if (event !== undefined) return { done: false, value: event };
          if (state === 'failed') {
            left = true;
            riders.delete(call);
            if (events.length === 0 && isRefusal(failure, labels, call.labels)) {
              call.trace.cache = undefined;
              call.trace.partial = undefined;
              other = instead()[Symbol.asyncIterator]();
              continue;
            }
            call.trace.attempt = trace.attempt ?? call.trace.attempt;
            throw failure;
          }
          if (state === 'landed') {
            left = true;
            riders.delete(call);
            return DONE;
          }
          await pull();
        }
      },
      nextReady() {
        if (other !== undefined) return other.nextReady?.();
        if (left) return undefined;
        if (index === events.length && state === 'flying' && pulling === undefined) {
          try {
            const ready = source?.nextReady?.();
            if (ready !== undefined) arrived(ready);
          } catch (error) {
            failure = error;
            settle('failed');
            left = true;
            throw error;
          }
        }
        return kept();
      },
      async return() {
        left = true;
        // At once: what waits to begin must not begin.
        leave(call);
        await other?.return?.();
        return DONE;
      },
    };
  };

  return {
    events,
    state: () => state,
    join: (call, instead) => ({ [Symbol.asyncIterator]: () => ride(call, instead) }),
  };
};
