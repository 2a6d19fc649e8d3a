import type { MillraceError } from '../model/errors/millrace-error.js';
import type { FailureKind } from './failure-kind.js';
import { storageError } from './storage-error.js';

/** A stretch of time in which no write succeeded. */
export interface WriteFailure {
  readonly since: number;
  readonly attempts: number;
  readonly cause: unknown;
  readonly kind: FailureKind;
  /** When it was last reported; undefined when it was not. */
  readonly reportedAt: number | undefined;
}

const LOCK_REPORT_AFTER_MS = 5_000;
const REPORT_AGAIN_AFTER_MS = 60_000;

/** What is known after one more failed attempt. */
export const failedAgain = (
  before: WriteFailure | undefined,
  cause: unknown,
  kind: FailureKind,
  now: number,
): WriteFailure => ({
  since: before?.since ?? now,
  attempts: (before?.attempts ?? 0) + 1,
  cause,
  kind,
  reportedAt: before?.reportedAt,
});

/** How long to wait before the next attempt. A lock is mostly free again in a moment, a full disk is not. */
export const retryDelay = ({ attempts, kind }: WriteFailure, random: () => number): number => {
  const [first, most] = kind === 'locked' ? [2, 100] : [100, 5_000];
  const delay = Math.min(first * 2 ** Math.min(attempts - 1, 16), most);
  // Processes that wait for the same lock should not ask for it at the same moment.
  return delay * (0.5 + random() / 2);
};

/** Whether the host should hear of it now: a lock only when it lasts, and nothing more than once a minute. */
export const isReportDue = ({ since, kind, reportedAt }: WriteFailure, now: number): boolean => {
  if (reportedAt !== undefined) return now - reportedAt >= REPORT_AGAIN_AFTER_MS;
  return kind !== 'locked' || now - since >= LOCK_REPORT_AFTER_MS;
};

/** What to tell the host. `place` names the store. */
export const writeFailureError = (
  place: string,
  failure: { readonly reason: string; readonly cause: unknown },
  counts: { readonly pending: number; readonly refused: number },
): MillraceError => {
  const { pending, refused } = counts;
  const lost = refused === 0 ? '' : ` ${refused} more were refused, because too many were waiting.`;
  return storageError(
    `Records cannot be written to ${place}: ${failure.reason}. ${pending} are kept in memory and tried again.${lost}`,
    { cause: failure.cause, details: { path: place, pending, refused } },
  );
};
