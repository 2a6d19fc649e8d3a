import { checkDuration, checkKey, positive } from './check-request.js';
import { decodeExpiring, encodeExpiring } from './expiring-bytes.js';
import type { StoreLife } from './store-life.js';
import type { ValueStore } from './value-store.js';

/** What a driver does; values reach it encoded, as bytes. */
export interface ValueDriver {
  get(key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  set(key: string, value: Uint8Array, options: WriteOptions): Promise<void> | void;
  delete(key: string, signal: AbortSignal | undefined): Promise<boolean> | boolean;
  compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
    options: WriteOptions,
  ): Promise<boolean> | boolean;
  sweep(limit: number, signal: AbortSignal | undefined): Promise<number> | number;
}

/** Options of a write, checked. */
interface WriteOptions {
  readonly ttlMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The store over a driver: checks and encodes what is asked, and clears away what has ended now and then. */
export const valueStoreOf = (driver: ValueDriver, life: StoreLife): ValueStore => ({
  async get(key, options) {
    life.begin(options?.signal);
    checkKey(key);
    const bytes = await driver.get(key, options?.signal);
    return bytes === undefined ? undefined : decodeExpiring(bytes);
  },
  async set(key, value, options = {}) {
    life.begin(options.signal);
    checkKey(key);
    checkDuration('ttlMs', options.ttlMs);
    await driver.set(key, encodeExpiring(value), options);
    life.wrote();
  },
  async delete(key, options) {
    life.begin(options?.signal);
    checkKey(key);
    return driver.delete(key, options?.signal);
  },
  async compareAndSet(key, expected, next, options = {}) {
    life.begin(options.signal);
    checkKey(key);
    checkDuration('ttlMs', options.ttlMs);
    const [before, after] = [expected, next].map((value) =>
      value === undefined ? undefined : encodeExpiring(value),
    );
    const written = await driver.compareAndSet(key, before, after, options);
    life.wrote();
    return written;
  },
  async sweep({ limit = 1000, signal } = {}) {
    life.begin(signal);
    return driver.sweep(positive('limit', limit), signal);
  },
  close: life.close,
  [Symbol.asyncDispose]: life.close,
});
