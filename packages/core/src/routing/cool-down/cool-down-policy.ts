import { checkOption } from '../shared/check-option.js';

/** When and for how long something is skipped. */
export interface CoolDownPolicy {
  /** Failures in a row after which it is skipped. Default: 3. */
  readonly failures?: number | undefined;
  /** How long it is skipped the first time, in milliseconds; doubled with each time that a trial fails. Default: 30000. */
  readonly baseMs?: number | undefined;
  /** The longest time that is not the vendor's own wish, in milliseconds. Default: 900000, 15 minutes. */
  readonly maxMs?: number | undefined;
  /** The longest time that a vendor can ask for, in milliseconds. Default: 3600000, an hour. */
  readonly maxRetryAfterMs?: number | undefined;
  /** After this time a trial that nobody ended counts as lost, in milliseconds. Default: 600000, 10 minutes. */
  readonly maxTrialMs?: number | undefined;
}

/** The same with nothing left out. */
export type CheckedPolicy = { readonly [Name in keyof CoolDownPolicy]-?: number };

/** @throws MillraceError `INVALID_CONFIG` for an option that cannot be right. */
export const checkPolicy = (policy: CoolDownPolicy): CheckedPolicy => {
  const baseMs = checkOption('baseMs', policy.baseMs ?? 30_000, { least: 1 });
  return {
    failures: checkOption('failures', policy.failures ?? 3, { least: 1 }),
    baseMs,
    maxMs: checkOption('maxMs', policy.maxMs ?? Math.max(baseMs, 900_000), { least: baseMs }),
    maxRetryAfterMs: checkOption('maxRetryAfterMs', policy.maxRetryAfterMs ?? 3_600_000, { least: 0 }),
    maxTrialMs: checkOption('maxTrialMs', policy.maxTrialMs ?? 600_000, { least: 1 }),
  };
};

/** How long to skip, in whole milliseconds. */
export const coolDownMs = (
  level: number,
  retryAfterMs: number | undefined,
  { baseMs, maxMs, maxRetryAfterMs }: CheckedPolicy,
): number => {
  const asked = retryAfterMs !== undefined && retryAfterMs > 0 ? Math.min(maxRetryAfterMs, retryAfterMs) : 0;
  return Math.ceil(Math.max(Math.min(maxMs, baseMs * 2 ** (level - 1)), asked));
};
