import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { isTimeZone } from '../time/time-zone.js';
import { toNanoDollars } from './nano-dollars.js';

/** Whom a call is for, as far as budgets care. */
export interface BudgetLabels {
  readonly project?: string | undefined;
  readonly user?: string | undefined;
  /** A name of the caller's API key; never the key itself. */
  readonly apiKeyId?: string | undefined;
  /** The run that the call is a part of: an agent's run, a job. */
  readonly runId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** What a budget can be for. */
export type BudgetDimension = 'project' | 'user' | 'apiKeyId' | 'tag';

/**
 * How long money counts. `hour` to `month`: by the calendar of the time zone, weeks from Monday. `total`: for ever.
 * `run`: for each run by itself; calls without a run are not held to it. `rollingMs`: the last so many milliseconds,
 * counted in 24 steps, of which the oldest counts until it is over.
 */
export type BudgetPeriod =
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'total'
  | 'run'
  | { readonly rollingMs: number };

/** A limit of what may be spent. */
export interface BudgetLimit {
  /** Its name: 1 to 64 letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  /** US dollars; 0 lets nothing through that costs something. */
  readonly limitUsd: number;
  readonly period: BudgetPeriod;
  /** An IANA name such as `Europe/Zurich`, for periods of the calendar. Default: that of the budgets. */
  readonly timeZone?: string | undefined;
  /** Only calls with all these labels. Default: every call. */
  readonly only?: Readonly<Partial<Record<BudgetDimension, string | undefined>>> | undefined;
  /**
   * Each value of these has the limit for itself, such as each user of each project. Calls without a value share one;
   * a call with several tags counts for each of them. Default: one limit for all calls together.
   */
  readonly per?: readonly BudgetDimension[] | undefined;
  /** The part of the limit, 0 to 1, from which on it warns and cheaper models are preferred. Default: 0.8. */
  readonly warnAt?: number | undefined;
  /** `false`: it warns, and lets calls through. Default: true. */
  readonly hard?: boolean | undefined;
}

const ID = /^[A-Za-z0-9._-]{1,64}$/;
const DIMENSIONS: readonly unknown[] = ['project', 'user', 'apiKeyId', 'tag'];
const PERIODS: readonly unknown[] = ['hour', 'day', 'week', 'month', 'total', 'run'];
const SHORTEST_ROLLING_MS = 1_000;
const LONGEST_ROLLING_MS = 366 * 24 * 60 * 60 * 1000;
const MOST_USD = 9_000_000;
const FIELDS: readonly string[] = ['id', 'limitUsd', 'period', 'timeZone', 'only', 'per', 'warnAt', 'hard'];

/** @throws MillraceError of the given code for a limit that cannot be right; the message says what to change. */
export const checkBudgetLimit = (limit: BudgetLimit, code: ErrorCode = 'INVALID_CONFIG'): void => {
  const wrong = (what: string): never => {
    throw new MillraceError(code, `The budget ${nameOf(limit)} is not valid: ${what}`);
  };
  if (typeof limit !== 'object' || limit === null || Array.isArray(limit))
    return wrong('it must be an object, such as { id: "all", limitUsd: 100, period: "month" }.');
  const { id, limitUsd, period, timeZone, only, per, warnAt, hard } = limit;
  const unknown = Object.keys(limit).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined)
    wrong(`\`${unknown.slice(0, 40)}\` is not known; there are ${FIELDS.join(', ')}.`);
  if (typeof id !== 'string' || !ID.test(id))
    wrong('`id` must be 1 to 64 letters, digits, ".", "_" and "-".');
  if (typeof limitUsd !== 'number' || !(limitUsd >= 0 && limitUsd <= MOST_USD))
    wrong(`\`limitUsd\` must be US dollars from 0 to ${MOST_USD}.`);
  if (toNanoDollars(limitUsd) === 0 && limitUsd > 0) wrong('`limitUsd` must be 0, or at least 0.000000001.');
  checkPeriod(period, wrong);
  if (timeZone !== undefined && !isTimeZone(timeZone))
    wrong('`timeZone` must be an IANA name such as Europe/Zurich.');
  if (only !== undefined) {
    const bad =
      typeof only !== 'object' || only === null
        ? 'only'
        : Object.entries(only).find(
            ([key, value]) =>
              !DIMENSIONS.includes(key) ||
              (value !== undefined && (typeof value !== 'string' || value === '')),
          )?.[0];
    if (bad !== undefined) wrong('`only` takes texts for project, user, apiKeyId and tag.');
  }
  if (per !== undefined && !(Array.isArray(per) && per.every((one) => DIMENSIONS.includes(one))))
    wrong('`per` must be a list of project, user, apiKeyId and tag.');
  if (warnAt !== undefined && !(typeof warnAt === 'number' && warnAt >= 0 && warnAt <= 1))
    wrong('`warnAt` must be a number from 0 to 1.');
  if (hard !== undefined && typeof hard !== 'boolean') wrong('`hard` must be true or false.');
};

const checkPeriod = (period: unknown, wrong: (what: string) => never): void => {
  if (PERIODS.includes(period)) return;
  const rollingMs = (period as { rollingMs?: unknown } | null | undefined)?.rollingMs;
  if (
    typeof rollingMs === 'number' &&
    Number.isInteger(rollingMs) &&
    rollingMs >= SHORTEST_ROLLING_MS &&
    rollingMs <= LONGEST_ROLLING_MS
  )
    return;
  wrong(
    `\`period\` must be ${PERIODS.join(', ')}, or { rollingMs } of ${SHORTEST_ROLLING_MS} to ${LONGEST_ROLLING_MS} whole milliseconds.`,
  );
};

const nameOf = (limit: unknown): string => {
  const id = (limit as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' ? `"${id.slice(0, 64)}"` : 'without an id';
};
