import { MillraceError } from '../../model/errors/millrace-error.js';
import type { EventIterator } from '../../model/event-iterator.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { Call, Handler, Stage } from '../call.js';
import { mayPass, type RetryOptions, retryAfter, retryPolicy } from '../retry-policy.js';
import { totalLimit } from '../total-limit.js';

/**
 * Sends a request again when it failed in a way that may pass, as long as no output has reached the caller. What comes
 * before the output (`stream-start`, `response-metadata`) is held back until then, so that the caller sees one answer
 * only. The only place where requests are repeated.
 */
export const retryStage =
  (defaults: RetryOptions | undefined): Stage =>
  (next) =>
  (call) => ({ [Symbol.asyncIterator]: () => attempts(call, next, defaults) });

/** Events that are held back at most; none of them is output. */
const MOST_HELD = 16;

const isPreamble = ({ type }: ModelEvent): boolean => type === 'stream-start' || type === 'response-metadata';

const attempts = (call: Call, next: Handler, defaults: RetryOptions | undefined): EventIterator => {
  let source: EventIterator | undefined;
  let held: IteratorResult<ModelEvent>[] = [];
  let given = 0;
  let settled = false;
  let closed = false;

  /** One attempt up to its first output. */
  const attempt = async (): Promise<void> => {
    if (closed) throw new MillraceError('CANCELLED', 'The answer was not read to its end.');
    held = [];
    source = next(call)[Symbol.asyncIterator]();
    for (;;) {
      const ready = source.nextReady?.();
      const result = ready === undefined ? await source.next() : { done: false as const, value: ready };
      held.push(result);
      if (result.done === true || !isPreamble(result.value) || held.length === MOST_HELD) return;
    }
  };

  const again = (failure: unknown): Promise<void> => {
    if (closed || !mayPass(failure) || call.movesOn?.(failure)) return Promise.reject(failure);
    const { cancellation, trace } = call;
    return retryAfter(failure, attempt, {
      policy: retryPolicy(call.retry, defaults),
      signal: cancellation.signal,
      stop: call.movesOn,
      timeLeft: () => totalLimit(call.timeLimits) - (Date.now() - call.startedAt),
      onRetry(failed) {
        call.announceRetry(failed);
        // What that attempt used is accounted for; the next one starts from nothing.
        trace.partial = undefined;
      },
    });
  };

  const settle = async (): Promise<IteratorResult<ModelEvent>> => {
    await attempt().catch(again);
    settled = true;
    return held[given++] as IteratorResult<ModelEvent>;
  };

  /** When nothing is held any more, there is nothing to do here: what follows is asked of the source itself. */
  const pass = (found: EventIterator): void => {
    const next = (): ReturnType<EventIterator['next']> => found.next();
    const nextReady = (): ModelEvent | undefined => found.nextReady?.();
    iterator.next = next;
    iterator.nextReady = nextReady;
  };
  const take = (): IteratorResult<ModelEvent> | undefined => {
    const kept = held[given];
    if (kept === undefined) pass(source as EventIterator);
    else given += 1;
    return kept;
  };

  const iterator: EventIterator = {
    next() {
      if (!settled) return settle();
      const kept = take();
      return kept === undefined ? (source as EventIterator).next() : Promise.resolve(kept);
    },
    nextReady() {
      if (!settled || held[given]?.done === true) return undefined;
      const kept = take();
      return kept === undefined ? source?.nextReady?.() : (kept.value as ModelEvent);
    },
    async return() {
      closed = true;
      await source?.return?.();
      return { done: true, value: undefined };
    },
  };
  return iterator;
};
