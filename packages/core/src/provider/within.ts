import { MillraceError } from '../model/errors/millrace-error.js';

/**
 * Run something that may wait, for at most `ms`, which may be infinite. Gives up when the time is over or the caller cancels, even if what
 * runs takes no notice of the signal that it is handed.
 *
 * @throws MillraceError `TIMEOUT` or `CANCELLED`.
 */
export const within = async <Value>(
  ms: number,
  caller: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> => {
  const controller = new AbortController();
  const cancel = (): void =>
    controller.abort(new MillraceError('CANCELLED', 'The caller cancelled.', { cause: caller?.reason }));
  const expire = (): void =>
    controller.abort(new MillraceError('TIMEOUT', `There was no answer within ${ms} ms.`));
  const { signal } = controller;
  if (caller?.aborted) cancel();
  signal.throwIfAborted();

  const timer = Number.isFinite(ms) ? setTimeout(expire, ms) : undefined;
  caller?.addEventListener('abort', cancel, { once: true });
  try {
    const gaveUp = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    return await Promise.race([run(signal), gaveUp]);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', cancel);
  }
};
