import type { ModelEvent } from './model-event.js';

/**
 * An iterator over events that may have some at hand. A provider that reads many events at once from its socket
 * offers `nextReady`, so that a burst costs no promise an event; nobody has to.
 */
export interface EventIterator extends AsyncIterator<ModelEvent> {
  /**
   * The next event if it is there already; `undefined` when `next` has to be asked, which alone tells of the end.
   * Never called while a `next` is pending.
   *
   * @throws MillraceError when making the event fails.
   */
  nextReady?(): ModelEvent | undefined;
}
