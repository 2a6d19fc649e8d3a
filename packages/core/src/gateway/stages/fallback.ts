import type { ErrorCode } from '../../model/errors/error-code.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import type { EventIterator } from '../../model/event-iterator.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { CoolDown } from '../../routing/cool-down/cool-down.js';
import type { CoolDownCall } from '../../routing/cool-down/cool-down-standing.js';
import type { RouteCandidate } from '../../routing/route-decision.js';
import type { Call, CallOutcome, Handler, Stage } from '../call.js';

/**
 * Goes on with the next candidate when one fails, as long as no output has reached the caller, and tells the cool-down
 * how each of them did. The only place where a call changes its model.
 */
export const fallbackStage =
  (coolDown: CoolDown | undefined): Stage =>
  (next) =>
  (call) =>
    call.candidates.length === 1
      ? alone(call, next, coolDown)
      : { [Symbol.asyncIterator]: () => hops(call, next, coolDown) };

/** With one candidate there is nothing to go on with. */
const alone = (call: Call, next: Handler, coolDown: CoolDown | undefined): AsyncIterable<ModelEvent> => {
  const [candidate] = call.candidates;
  if (coolDown === undefined || candidate === undefined) return next(call);
  const tried = coolDown.begin(candidate.provider, candidate.model, { force: true });
  call.watch({
    end: ({ status, error }) => report(tried, status === 'cancelled' ? undefined : error, status),
  });
  return next(call);
};

/** How a candidate did. One without an error, that did not succeed either, was left and says nothing. */
const report = (tried: CoolDownCall | undefined, error: unknown, status?: CallOutcome['status']): void => {
  if (status === 'success') tried?.succeeded();
  else if (error === undefined) tried?.abandoned();
  else tried?.failed(error);
};

const hops = (call: Call, next: Handler, coolDown: CoolDown | undefined): EventIterator => {
  let queue = call.candidates;
  let source: EventIterator | undefined;
  let tried: CoolDownCall | undefined;
  let closed = false;
  let attempt = 0;
  let why = '';

  // A call that was cancelled says nothing about the model, whatever it fails with.
  const ended = (error: unknown, status?: CallOutcome['status']): void =>
    report(tried, call.cancellation.reason === undefined ? error : undefined, status);
  // Told by a watcher, so that the events themselves need not pass through here.
  call.watch({ end: ({ status, error }) => ended(error, status) });

  /** The next candidate that may be called; the last one always may. */
  const take = (): RouteCandidate | undefined => {
    for (;;) {
      const [candidate, ...rest] = queue;
      queue = rest;
      if (candidate === undefined) return undefined;
      tried = coolDown?.begin(candidate.provider, candidate.model, { force: rest.length === 0 });
      if (coolDown === undefined || tried !== undefined) return candidate;
    }
  };

  const hop = async (): Promise<IteratorResult<ModelEvent>> => {
    for (;;) {
      if (closed) throw new MillraceError('CANCELLED', 'The answer was not read to its end.');
      const candidate = take();
      try {
        const narrow = candidate === undefined ? call : narrowed(call, candidate, queue, why);
        source = next(narrow)[Symbol.asyncIterator]();
        const result = await source.next();
        pass(source);
        return result;
      } catch (error) {
        ended(error);
        if (candidate === undefined || closed || call.cancellation.reason !== undefined) throw error;
        queue = helpful(error, candidate, queue);
        if (queue.length === 0 || !MillraceError.isInstance(error)) throw error;
        attempt += 1;
        call.announceRetry({ attempt, error, delayMs: 0 });
        call.trace.partial = undefined;
        why = `; after ${candidate.provider}:${candidate.model} failed (${error.code})`;
      }
    }
  };

  /** From the first event on there is nothing to do here: what follows is asked of the source itself. */
  const pass = (found: EventIterator): void => {
    const next = (): ReturnType<EventIterator['next']> => found.next();
    const nextReady = (): ModelEvent | undefined => found.nextReady?.();
    iterator.next = next;
    iterator.nextReady = nextReady;
  };
  const iterator: EventIterator = {
    next: hop,
    nextReady: () => undefined,
    async return() {
      closed = true;
      await source?.return?.();
      return { done: true, value: undefined };
    },
  };
  return iterator;
};

/** The call as one candidate sees it. Where another one stands ready, waiting for the same one is no use. */
const narrowed = (
  call: Call,
  candidate: RouteCandidate,
  others: readonly RouteCandidate[],
  why: string,
): Call => {
  const chosen =
    why === '' ? candidate : { ...candidate, reason: `${candidate.reason}${why}`, failover: true as const };
  return {
    ...call,
    candidates: [chosen],
    movesOn: (error) => helpful(error, candidate, others).length > 0,
  };
};

/** Failures that any other model may not have. */
const ANOTHER_MODEL: ReadonlySet<ErrorCode> = new Set([
  'RATE_LIMITED',
  'OVERLOADED',
  'SERVER_ERROR',
  'INVALID_RESPONSE',
  'INTERRUPTED',
  'TIMEOUT',
  'BUSY',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'UNKNOWN_PRICE',
]);
/** Failures that all models of the provider share. */
const ANOTHER_PROVIDER: ReadonlySet<ErrorCode> = new Set([
  'NETWORK',
  'AUTHENTICATION',
  'QUOTA_EXCEEDED',
  'MISSING_KEY',
  'MISSING_PACKAGE',
  'PROVIDER_DISABLED',
  'UNKNOWN_PROVIDER',
  'CONTENT_FILTER',
]);

/** Which of the candidates that are left can be expected not to fail in the same way. */
const helpful = (
  error: unknown,
  failed: RouteCandidate,
  others: readonly RouteCandidate[],
): readonly RouteCandidate[] => {
  const code = MillraceError.isInstance(error) ? error.code : undefined;
  if (code === undefined) return [];
  if (ANOTHER_MODEL.has(code)) return others;
  if (ANOTHER_PROVIDER.has(code)) return others.filter(({ provider }) => provider !== failed.provider);
  if (code === 'CONTEXT_LENGTH') {
    const window = failed.info?.contextWindow ?? 0;
    return others.filter(({ info }) => (info?.contextWindow ?? 0) > window);
  }
  if (code === 'BUDGET_EXCEEDED') {
    const cost = failed.estimatedCostUsd ?? Number.POSITIVE_INFINITY;
    return others.filter(({ estimatedCostUsd = Number.POSITIVE_INFINITY }) => estimatedCostUsd < cost);
  }
  return [];
};
