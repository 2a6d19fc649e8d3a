import { storageError } from './storage-error.js';

/**
 * Waits for something that takes no signal, until the caller cancels or the time is over. What was begun goes on by
 * itself; its outcome is unknown to the caller.
 *
 * @throws the signal's reason when it is aborted.
 * @throws MillraceError `STORAGE` when the time is over.
 */
export const withinLimit = <Value>(
  what: Promise<Value>,
  limit: { readonly timeoutMs: number; readonly place: string; readonly signal: AbortSignal | undefined },
): Promise<Value> =>
  new Promise((resolve, reject) => {
    const { timeoutMs, place, signal } = limit;
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      stop();
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      stop();
      reject(storageError(`${place} gave no answer within ${timeoutMs} ms.`));
    }, timeoutMs);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    what.then(resolve, reject).finally(stop);
  });
