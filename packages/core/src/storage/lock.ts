import type { StoreOperationOptions } from './counter-store.js';
import { badStorageRequest } from './storage-error.js';
import type { ValueStore } from './value-store.js';

/** Who takes a lock, and for how long. */
export interface LockOptions extends StoreOperationOptions {
  /** Says who holds it: a name of its own for each holder, a UUID say. */
  readonly token: string;
  /** When the lock is free again by itself, in milliseconds from now. */
  readonly ttlMs: number;
}

/**
 * Take a lock, or prolong one that the same token holds. Resolves with false when somebody else holds it. It is held
 * until it is released or its time is over, so work that takes longer must prolong it and stop when that fails.
 *
 * @throws MillraceError `STORAGE` when the store fails; the lock may have been taken then, and can be taken again.
 */
export const takeLock = async (store: ValueStore, key: string, options: LockOptions): Promise<boolean> => {
  const { token, ttlMs, signal } = options;
  if (token === '') throw badStorageRequest('A lock needs a token that says who holds it.');
  if (await store.compareAndSet(key, undefined, token, { ttlMs, signal })) return true;
  return store.compareAndSet(key, token, token, { ttlMs, signal });
};

/** Release a lock. Resolves with false when the token does not hold it. */
export const releaseLock = (
  store: ValueStore,
  key: string,
  options: StoreOperationOptions & { readonly token: string },
): Promise<boolean> => store.compareAndSet(key, options.token, undefined, { signal: options.signal });
