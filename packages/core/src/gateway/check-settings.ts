import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelSettings } from '../model/model-request.js';
import type { TimeLimits } from './chat-request.js';
import type { ActualCost } from './gateway.js';
import type { RetryOptions } from './retry-policy.js';

interface Bound {
  readonly minimum: number;
  readonly maximum?: number;
  readonly integer?: true;
}

/** Bounds that hold for every vendor; a vendor's own narrower ones are its adapter's matter. */
const BOUNDS: readonly (readonly [keyof ModelSettings, Bound])[] = [
  ['maxOutputTokens', { minimum: 1, integer: true }],
  ['temperature', { minimum: 0, maximum: 2 }],
  ['topP', { minimum: 0, maximum: 1 }],
  ['topK', { minimum: 1, integer: true }],
  ['presencePenalty', { minimum: -2, maximum: 2 }],
  ['frequencyPenalty', { minimum: -2, maximum: 2 }],
  ['seed', { minimum: Number.MIN_SAFE_INTEGER, integer: true }],
];

/** @throws MillraceError `BAD_REQUEST` for a setting that no vendor would take. */
export const checkSettings = (settings: ModelSettings): void => {
  for (const [name, bound] of BOUNDS) checkNumber(name, settings[name], bound, 'BAD_REQUEST');
};

/** What a timer can hold: some 24 days. */
const LONGEST_TIMER_MS = 0x7fff_ffff;
const MOST_RETRIES = 100;

/** @throws MillraceError of the given code for a limit that is not a number of milliseconds. */
export const checkTimeLimits = (limits: TimeLimits | undefined, code: ErrorCode): void => {
  for (const name of ['firstEventMs', 'idleMs', 'totalMs'] as const) {
    checkNumber(`timeLimits.${name}`, limits?.[name], { minimum: 0, maximum: LONGEST_TIMER_MS }, code);
  }
};

/** @throws MillraceError of the given code for an option that is not a number of its kind. */
export const checkRetry = (retry: RetryOptions | undefined, code: ErrorCode): void => {
  checkNumber('retry.retries', retry?.retries, { minimum: 0, maximum: MOST_RETRIES, integer: true }, code);
  for (const name of ['minDelayMs', 'maxDelayMs', 'maxRetryAfterMs'] as const) {
    checkNumber(`retry.${name}`, retry?.[name], { minimum: 0, maximum: LONGEST_TIMER_MS }, code);
  }
};

/** @throws MillraceError `BAD_REQUEST` for what is no amount. */
export const checkActualCost = ({ costUsd, tokensIn, tokensOut }: ActualCost): void => {
  checkNumber('costUsd', costUsd ?? null, { minimum: 0 }, 'BAD_REQUEST');
  checkNumber('tokensIn', tokensIn, { minimum: 0, integer: true }, 'BAD_REQUEST');
  checkNumber('tokensOut', tokensOut, { minimum: 0, integer: true }, 'BAD_REQUEST');
};

const checkNumber = (name: string, value: unknown, bound: Bound, code: ErrorCode): void => {
  if (value === undefined || fits(value, bound)) return;
  throw new MillraceError(code, `\`${name}\` must be ${describe(bound)}, not ${String(value).slice(0, 40)}.`);
};

const fits = (value: unknown, { minimum, maximum = Number.MAX_SAFE_INTEGER, integer }: Bound): boolean =>
  typeof value === 'number' &&
  value >= minimum &&
  value <= maximum &&
  (integer === undefined || Number.isInteger(value));

const describe = ({ minimum, maximum, integer }: Bound): string => {
  const kind = integer === undefined ? 'a number' : 'a whole number';
  if (maximum !== undefined) return `${kind} from ${minimum} to ${maximum}`;
  return minimum === Number.MIN_SAFE_INTEGER ? kind : `${kind} of at least ${minimum}`;
};
