import type { CacheEntry } from './cache-entry.js';

/** Where answers are kept. What it loses is asked of the vendor again; it must never give an entry that has ended. */
export interface CacheStore {
  /** The answer; a promise only when there is something to wait for. */
  get(
    key: string,
    options: { readonly signal: AbortSignal },
  ): CacheEntry | undefined | Promise<CacheEntry | undefined>;
  /** Keep an answer for `ttlMs` milliseconds. */
  set(key: string, entry: CacheEntry, options: { readonly ttlMs: number }): void | Promise<void>;
}
