import type { ModelEvent } from '../model/model-event.js';

/**
 * Events that need some waiting before they can begin. The preparation runs when the first event is pulled; after
 * it, every pull goes straight to the inner iterator, so that the detour costs nothing for the events that follow.
 */
export const deferred = (prepare: () => Promise<AsyncIterable<ModelEvent>>): AsyncIterable<ModelEvent> => ({
  [Symbol.asyncIterator]() {
    let inner: AsyncIterator<ModelEvent> | undefined;
    let closed = false;
    return {
      async next() {
        const iterable = await prepare();
        if (closed) return { done: true, value: undefined };
        inner = iterable[Symbol.asyncIterator]();
        this.next = () => (inner as AsyncIterator<ModelEvent>).next();
        return inner.next();
      },
      async return() {
        closed = true;
        await inner?.return?.();
        return { done: true, value: undefined };
      },
    };
  },
});
