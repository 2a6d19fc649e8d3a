import PQueue from 'p-queue';
import { MillraceError } from '../model/errors/millrace-error.js';

/** How much of a provider this process uses at once. Calls beyond it wait for their turn. */
export interface ProviderLimits {
  /** Calls that run at the same time. Default: no limit. */
  readonly concurrency?: number | undefined;
  /** Calls that begin within any 60 seconds, retries included. Default: no limit. */
  readonly requestsPerMinute?: number | undefined;
  /** Calls that may wait; one more fails at once with `BUSY`. Default: 1,000. */
  readonly maxWaiting?: number | undefined;
  /** How long a call waits before it fails with `BUSY`, in milliseconds. Default: 60,000. */
  readonly maxWaitMs?: number | undefined;
}

/** Hands out places under a provider's limits. */
export interface Limiter {
  /**
   * Wait for a place.
   *
   * @returns what gives the place back; may be called twice.
   * @throws MillraceError `BUSY`, or the signal's reason.
   */
  acquire(signal: AbortSignal): Promise<() => void>;
}

const MINUTE_MS = 60_000;
const MAX_WAITING = 1_000;
const MAX_WAIT_MS = 60_000;

/** A limiter, or nothing where nothing is limited. */
export const createLimiter = (provider: string, limits: ProviderLimits | undefined): Limiter | undefined => {
  const { concurrency, requestsPerMinute, maxWaiting = MAX_WAITING, maxWaitMs = MAX_WAIT_MS } = limits ?? {};
  if (concurrency === undefined && requestsPerMinute === undefined) return undefined;
  const queue = new PQueue({
    ...(concurrency !== undefined && { concurrency }),
    // Any minute, not each minute of the clock: two bursts must not meet at the border.
    ...(requestsPerMinute !== undefined && {
      intervalCap: requestsPerMinute,
      interval: MINUTE_MS,
      strict: true,
    }),
  });
  const busy = (what: string): MillraceError =>
    new MillraceError('BUSY', `The limit that is set for "${provider}" is reached: ${what}.`, {
      details: { provider },
    });

  return {
    acquire(signal) {
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        const waiting = new AbortController();
        const cancel = (): void => waiting.abort(signal.reason);
        const timer = setTimeout(
          () => waiting.abort(busy(`no place came free within ${maxWaitMs} ms`)),
          maxWaitMs,
        );
        const settled = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
        };
        signal.addEventListener('abort', cancel, { once: true });
        const hold = (): Promise<void> =>
          new Promise((release) => {
            settled();
            resolve(release);
          });
        queue.add(hold, { signal: waiting.signal }).catch((error: unknown) => {
          settled();
          reject(error);
        });
        // Counted after it was added: one that finds a place at once does not wait.
        if (queue.size > maxWaiting) waiting.abort(busy(`${maxWaiting} calls are waiting already`));
      });
    },
  };
};

/**
 * @throws MillraceError `INVALID_CONFIG` for a limit that is not a number of the right kind.
 */
export const checkLimits = (provider: string, limits: ProviderLimits | undefined): void => {
  const minimums = { concurrency: 1, requestsPerMinute: 1, maxWaiting: 0, maxWaitMs: 0 } as const;
  for (const [name, minimum] of Object.entries(minimums)) {
    const value = limits?.[name as keyof ProviderLimits];
    if (value === undefined || (Number.isSafeInteger(value) && value >= minimum)) continue;
    throw new MillraceError(
      'INVALID_CONFIG',
      `\`limits.${name}\` of "${provider}" must be a whole number of at least ${minimum}, not ${String(value).slice(0, 40)}.`,
    );
  }
};
