import { sameBytes } from '../expiring-bytes.js';
import { startStoreLife } from '../store-life.js';
import type { ValueStore } from '../value-store.js';
import { valueStoreOf } from '../value-store-of.js';

/** Options of {@link createMemoryValueStore}. */
export interface MemoryValueStoreOptions {
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

interface Kept {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

/**
 * Keeps values in the memory of this process, on any JavaScript runtime. They are gone when it ends. How many there
 * may be is for its user to bound.
 */
export const createMemoryValueStore = (options: MemoryValueStoreOptions = {}): ValueStore => {
  const { now = Date.now } = options;
  const values = new Map<string, Kept>();

  const live = (key: string): Uint8Array | undefined => {
    const kept = values.get(key);
    return kept === undefined || kept.expiresAt <= now() ? undefined : kept.bytes;
  };
  const write = (key: string, bytes: Uint8Array, ttlMs: number | undefined): void => {
    values.set(key, { bytes, expiresAt: ttlMs === undefined ? Number.POSITIVE_INFINITY : now() + ttlMs });
  };
  const remove = (key: string): boolean => {
    const existed = live(key) !== undefined;
    values.delete(key);
    return existed;
  };
  const sweep = (limit: number): number => {
    let swept = 0;
    for (const [key, { expiresAt }] of values) {
      if (swept >= limit) break;
      if (expiresAt > now()) continue;
      values.delete(key);
      swept += 1;
    }
    return swept;
  };

  const life = startStoreLife({
    name: 'The value store',
    sweep,
    release: () => values.clear(),
  });
  return valueStoreOf(
    {
      get: live,
      set: (key, value, { ttlMs }) => write(key, value, ttlMs),
      delete: remove,
      compareAndSet(key, expected, next, { ttlMs }) {
        if (!sameBytes(live(key), expected)) return false;
        if (next === undefined) remove(key);
        else write(key, next, ttlMs);
        return true;
      },
      sweep,
    },
    life,
  );
};
