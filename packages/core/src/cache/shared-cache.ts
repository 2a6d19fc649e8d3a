import type { CacheEntry } from './cache-entry.js';
import type { CacheStore } from './cache-store.js';

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
  /** An answer that is longer, as JSON text, is not kept. Default: 1 MiB. */
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
    return typeof value === 'string' ? parseEntry(value) : undefined;
  },
  async set(key, entry, { ttlMs }) {
    const text = JSON.stringify(entry);
    if (text.length <= maxEntryBytes) await store.set(`${prefix}${key}`, text, { ttlMs });
  },
});

/** What does not read as an entry is none: it may be of another version. */
const parseEntry = (text: string): CacheEntry | undefined => {
  try {
    const { events, storedAt } = JSON.parse(text) as Partial<CacheEntry>;
    return Array.isArray(events) && typeof storedAt === 'number' ? { events, storedAt } : undefined;
  } catch {
    return undefined;
  }
};
