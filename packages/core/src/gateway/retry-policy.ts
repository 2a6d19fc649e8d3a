import pRetry from 'p-retry';
import { pause } from '../internal/pause.js';
import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';

/** How often and how soon a failed request is sent again. */
export interface RetryOptions {
  /** Further attempts after the first one. Default: 2. */
  readonly retries?: number | undefined;
  /** Before the first of them; doubled for each one after. Default: 500 ms. */
  readonly minDelayMs?: number | undefined;
  /** The longest pause that is not the vendor's own wish. Default: 30,000 ms. */
  readonly maxDelayMs?: number | undefined;
  /** When the vendor asks to wait longer than this, the call fails at once and says so. Default: 60,000 ms. */
  readonly maxRetryAfterMs?: number | undefined;
}

/** The same with nothing left out. */
export type RetryPolicy = { readonly [Name in keyof RetryOptions]-?: number };

/** An attempt that failed and is followed by another one. */
export interface FailedAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  readonly error: MillraceError;
  /** Until the next attempt begins, in milliseconds. */
  readonly delayMs: number;
}

const DEFAULTS: RetryPolicy = {
  retries: 2,
  minDelayMs: 500,
  maxDelayMs: 30_000,
  maxRetryAfterMs: 60_000,
};

/** Options laid over others, the first over the second. */
export const retryPolicy = (
  own: RetryOptions | undefined,
  defaults: RetryOptions | undefined,
): RetryPolicy => ({
  retries: own?.retries ?? defaults?.retries ?? DEFAULTS.retries,
  minDelayMs: own?.minDelayMs ?? defaults?.minDelayMs ?? DEFAULTS.minDelayMs,
  maxDelayMs: own?.maxDelayMs ?? defaults?.maxDelayMs ?? DEFAULTS.maxDelayMs,
  maxRetryAfterMs: own?.maxRetryAfterMs ?? defaults?.maxRetryAfterMs ?? DEFAULTS.maxRetryAfterMs,
});

/** What goes with the request that is tried again. */
export interface RetryContext {
  readonly policy: RetryPolicy;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Whether a failure must not be followed by another attempt here. */
  readonly stop?: ((error: unknown) => boolean) | undefined;
  /** Milliseconds that are left for the whole call; infinite when there is no limit. */
  readonly timeLeft: () => number;
  /** Told of each failure that another attempt follows, before the pause. */
  readonly onRetry: (failed: FailedAttempt) => void;
}

/**
 * Go on after a failed first attempt: wait and try again while the failure is one that may pass.
 *
 * @throws the last failure, or the signal's reason.
 */
export const retryAfter = <Value>(
  firstFailure: unknown,
  run: () => Promise<Value>,
  { policy, signal, stop, timeLeft, onRetry }: RetryContext,
): Promise<Value> =>
  pRetry((attempt) => (attempt === 1 ? Promise.reject(firstFailure) : run()), {
    retries: policy.retries,
    // The pauses are ours, because the vendor has a say in them.
    minTimeout: 0,
    signal,
    async onFailedAttempt({ error, attemptNumber: attempt, retriesLeft }) {
      if (retriesLeft === 0 || !mayPass(error) || stop?.(error) || signal.aborted) throw error;
      const delayMs = delayOf(error, attempt, policy);
      if (delayMs === undefined || delayMs >= timeLeft()) throw error;
      onRetry({ attempt, error, delayMs });
      await pause(delayMs, signal);
    },
  });

/** Failures that another attempt at the same place cannot mend, although a later call may fare better. */
const NOT_HERE: ReadonlySet<ErrorCode> = new Set(['BUSY', 'CANCELLED', 'STORAGE']);

/** Whether another attempt may succeed. */
export const mayPass = (error: unknown): error is MillraceError =>
  MillraceError.isInstance(error) && error.retryable && !NOT_HERE.has(error.code) && !isOwnLimit(error);

/** A vendor that is still at work would be paid twice; one that reports a time limit of its own has stopped. */
const isOwnLimit = (error: MillraceError): boolean =>
  error.code === 'TIMEOUT' && !(ProviderError.isInstance(error) && error.status !== undefined);

/** The vendor's wish, or twice as long each time; with chance in it, so that many callers do not come back at once. */
const delayOf = (error: MillraceError, attempt: number, policy: RetryPolicy): number | undefined => {
  const { minDelayMs, maxDelayMs, maxRetryAfterMs } = policy;
  const asked = ProviderError.isInstance(error) ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > maxRetryAfterMs) return undefined;
  const backoff = Math.min(maxDelayMs, minDelayMs * 2 ** (attempt - 1));
  const spread = (backoff * (1 + Math.random())) / 2;
  return Math.round(
    Math.max(spread, asked === undefined ? 0 : asked + Math.random() * Math.min(asked, minDelayMs)),
  );
};
