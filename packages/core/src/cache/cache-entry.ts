import type { ModelEvent } from '../model/model-event.js';

/** An answer as it is kept: everything that came, in order. */
export interface CacheEntry {
  readonly events: readonly ModelEvent[];
  /** When it was kept, in milliseconds since 1970. */
  readonly storedAt: number;
}

/**
 * Whether an answer may be given again: it is complete, not cut short by a limit or a filter, and not empty.
 */
export const isReusable = (events: readonly ModelEvent[]): boolean => {
  const last = events.at(-1);
  if (last?.type !== 'finish') return false;
  if (last.finishReason !== 'stop' && last.finishReason !== 'tool-calls') return false;
  return events.some(
    (event) =>
      (event.type === 'text-delta' && event.delta !== '') ||
      event.type === 'tool-call' ||
      event.type === 'file',
  );
};
