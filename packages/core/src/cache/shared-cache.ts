import type { CacheStore } from './cache-store.js';
import { readEntry, writeEntry } from './entry-text.js';

/** What is needed of a store of expiring values; `ValueStore` has it. */
export interface ExpiringValues {
  get(
    key: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<string | Uint8Array | undefined>;
  set(key: string, value: string, options?: { readonly ttlMs?: number | undefined }): Promise<void>;
}

/** How answers are kept in a store that processes share. */
export interface SharedCacheOptions {
  readonly store: ExpiringValues;
  /** Goes before the key of each answer. Default: `cache:`. */
  readonly prefix?: string | undefined;
  /** An answer that is longer, as JSON text in UTF-8, is not kept. Default: 1 MiB. */
  readonly maxEntryBytes?: number | undefined;
}

const MAX_ENTRY_BYTES = 1024 * 1024;

/** Keeps answers in a store of expiring values, such as SQLite, Postgres or Redis. Its owner closes the store. */
export const sharedCache = ({
  store,
  prefix = 'cache:',
  maxEntryBytes = MAX_ENTRY_BYTES,
}: SharedCacheOptions): CacheStore => ({
  async get(key, options) {
    const value = await store.get(`${prefix}${key}`, options);
    return typeof value === 'string' ? readEntry(value) : undefined;
  },
  async set(key, entry, { ttlMs }) {
    const text = writeEntry(entry);
    if (fits(text, maxEntryBytes)) await store.set(`${prefix}${key}`, text, { ttlMs });
  },
});

/** Whether a text takes no more bytes than that. A character takes three at most, so that few have to be counted. */
const fits = (text: string, bytes: number): boolean =>
  text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes;
