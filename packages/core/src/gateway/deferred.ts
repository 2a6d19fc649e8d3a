import { isPromise } from '../internal/is-promise.js';
import type { EventIterator } from '../model/event-iterator.js';
import type { ModelEvent } from '../model/model-event.js';
import { closeQuietly } from './close-quietly.js';

const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

/**
 * Events that may need some waiting before they can begin. The preparation runs once, when the first event is pulled; after
 * it, every pull goes straight to the inner iterator, so that the detour costs nothing for the events that follow.
 */
export const deferred = (
  prepare: () => AsyncIterable<ModelEvent> | PromiseLike<AsyncIterable<ModelEvent>>,
): AsyncIterable<ModelEvent> => ({
  [Symbol.asyncIterator](): EventIterator {
    let inner: EventIterator | undefined;
    let closed = false;
    const enter = (iterable: AsyncIterable<ModelEvent>): Promise<IteratorResult<ModelEvent>> => {
      inner = iterable[Symbol.asyncIterator]();
      if (!closed) return inner.next();
      // Closed while it was prepared: what the preparation took hold of is let go of.
      closeQuietly(inner);
      return Promise.resolve(DONE);
    };
    const begin = (): Promise<IteratorResult<ModelEvent>> => {
      try {
        const prepared = prepare();
        return isPromise(prepared) ? Promise.resolve(prepared).then(enter) : enter(prepared);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    return {
      next() {
        if (closed) return Promise.resolve(DONE);
        return inner === undefined ? begin() : inner.next();
      },
      nextReady: () => (closed ? undefined : inner?.nextReady?.()),
      async return() {
        closed = true;
        await inner?.return?.();
        return DONE;
      },
    };
  },
});
