import type { StoreOperationOptions, SweepOptions } from './counter-store.js';

/** A value: text or bytes. It comes back as what it was set. */
export type ExpiringValue = string | Uint8Array;

/** How to write a value. */
export interface SetOptions extends StoreOperationOptions {
  /** How long it lives, in milliseconds. Default: until it is deleted. */
  readonly ttlMs?: number | undefined;
}

/**
 * Values that end by themselves, shared by many processes. Drivers behave alike: one suite, `describeValueStore` of
 * `@millrace/core/testing`, runs against each. A value that has ended is never handed out.
 *
 * Every method rejects with a `MillraceError`: `STORAGE` when the store fails, `BAD_REQUEST` for an argument that
 * cannot be right, `CLOSED` after closing.
 */
export interface ValueStore {
  /** The value, a copy; undefined when there is none. */
  get(key: string, options?: StoreOperationOptions): Promise<ExpiringValue | undefined>;
  /** Write a value, whatever was there. A key has at most 512 characters. */
  set(key: string, value: ExpiringValue, options?: SetOptions): Promise<void>;
  /** Resolves with whether there was a value. */
  delete(key: string, options?: StoreOperationOptions): Promise<boolean>;
  /**
   * Write `next` only if the value is `expected` now; `undefined` stands for no value, on either side. Text and bytes
   * are never equal. Resolves with whether it was written.
   */
  compareAndSet(
    key: string,
    expected: ExpiringValue | undefined,
    next: ExpiringValue | undefined,
    options?: SetOptions,
  ): Promise<boolean>;
  /**
   * Forget values that have ended. Stores do so by themselves now and then; call it to free space at once.
   * Resolves with how many were forgotten.
   */
  sweep(options?: SweepOptions): Promise<number>;
  /** Let go of everything. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
