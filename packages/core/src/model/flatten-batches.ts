import type { EventIterator } from './event-iterator.js';
import type { ModelEvent } from './model-event.js';

const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

/** Hand out one by one the events of batches, such as those of one network read each. */
export const flattenBatches = (
  batches: AsyncIterator<readonly ModelEvent[], void, undefined>,
): AsyncIterable<ModelEvent> => ({
  [Symbol.asyncIterator](): EventIterator {
    let batch: readonly ModelEvent[] = [];
    let index = 0;
    const nextReady = (): ModelEvent | undefined => batch[index++];
    return {
      nextReady,
      async next() {
        let event = nextReady();
        while (event === undefined) {
          const result = await batches.next();
          if (result.done === true) return DONE;
          batch = result.value;
          index = 0;
          event = nextReady();
        }
        return { done: false, value: event };
      },
      async return() {
        await batches.return?.();
        return DONE;
      },
    };
  },
});
