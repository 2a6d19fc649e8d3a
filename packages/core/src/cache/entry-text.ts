import { base64ToBytes, bytesToBase64 } from '../internal/base64.js';
import type { ModelEvent } from '../model/model-event.js';
import type { CacheEntry } from './cache-entry.js';

/** Holds the bytes of a file, as base64, in an entry that is text. */
const BYTES = 'millraceBytes';

/** An entry as JSON text. */
export const writeEntry = ({ events, storedAt }: CacheEntry): string =>
  JSON.stringify({ events: events.map(writeEvent), storedAt });

/** The entry that a text holds. What does not read as one is none: it may be of another version. */
export const readEntry = (text: string): CacheEntry | undefined => {
  try {
    const { events, storedAt } = JSON.parse(text) as Partial<CacheEntry>;
    if (!Array.isArray(events) || typeof storedAt !== 'number') return undefined;
    return { events: events.map(readEvent), storedAt };
  } catch {
    return undefined;
  }
};

const writeEvent = (event: ModelEvent): unknown => {
  if (event.type !== 'file' || event.data.type !== 'data' || typeof event.data.data === 'string')
    return event;
  return { ...event, data: { type: 'data', [BYTES]: bytesToBase64(event.data.data) } };
};

const readEvent = (event: ModelEvent): ModelEvent => {
  if (event.type !== 'file') return event;
  const bytes = (event.data as { readonly [BYTES]?: unknown })[BYTES];
  if (typeof bytes !== 'string') return event;
  return { ...event, data: { type: 'data', data: base64ToBytes(bytes) } };
};
