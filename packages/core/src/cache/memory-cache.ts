import { LRUCache } from 'lru-cache';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { CacheEntry } from './cache-entry.js';
import type { CacheStore } from './cache-store.js';
import { writeEntry } from './entry-text.js';

/** How much a cache in memory holds; beyond it the answer goes that was not asked for the longest. */
export interface MemoryCacheOptions {
  /** Default: 10,000. */
  readonly maxEntries?: number | undefined;
  /** Of all answers together, measured as JSON text. Default: 64 MiB. */
  readonly maxBytes?: number | undefined;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Keeps answers in this process.
 *
 * @throws MillraceError `INVALID_CONFIG` for a bound that is not a whole number of at least 1.
 */
export const memoryCache = ({
  maxEntries = MAX_ENTRIES,
  maxBytes = MAX_BYTES,
}: MemoryCacheOptions = {}): CacheStore => {
  for (const [name, value] of Object.entries({ maxEntries, maxBytes })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new MillraceError('INVALID_CONFIG', `\`${name}\` must be a whole number of at least 1.`);
  }
  const entries = new LRUCache<string, CacheEntry>({ max: maxEntries, maxSize: maxBytes });
  return {
    get: (key) => entries.get(key),
    set(key, entry, { ttlMs }) {
      // An answer larger than the whole cache is not kept.
      entries.set(key, entry, { ttl: ttlMs, size: writeEntry(entry).length });
    },
  };
};
