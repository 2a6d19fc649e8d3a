import { MillraceError } from '../model/errors/millrace-error.js';
import type { CounterStore } from '../storage/counter-store.js';
import { isTimeZone } from '../time/time-zone.js';
import { type BudgetLimit, checkBudgetLimit } from './budget-limit.js';
import type { BudgetLimitStore } from './budget-limit-store.js';

/** How to keep budgets. */
export interface BudgetsOptions {
  readonly limits?: readonly BudgetLimit[] | undefined;
  /** Where it is counted; shared by all processes that share the budgets. Default: in memory, for this process only. */
  readonly counters?: CounterStore | undefined;
  /** Where limits that are changed at run time are kept. They go before `limits`. Default: they live in this process. */
  readonly limitStore?: BudgetLimitStore | undefined;
  /** How long limits of the store are used before they are read again, in milliseconds. Default: 10,000. */
  readonly limitsRefreshMs?: number | undefined;
  /** For limits of the calendar that name none. Default: UTC. */
  readonly timeZone?: string | undefined;
  /**
   * Calls of unknown price under a hard budget: `block`, or let each through with `reserveUsd` set aside, and charged
   * unless the price is known afterwards. Default: `block`.
   */
  readonly onUnknownPrice?: 'block' | { readonly reserveUsd: number } | undefined;
  /** When the store of the counters fails: `closed` fails the call, `open` lets it through unaccounted. Default: `closed`. */
  readonly onStoreError?: 'closed' | 'open' | undefined;
  /** How long to wait for the store, in milliseconds. Default: 5,000. */
  readonly storeTimeoutMs?: number | undefined;
  /**
   * How long a call may wait when a limit is not used up but held for calls that are running, in milliseconds. 0:
   * refuse at once. Default: 5,000.
   */
  readonly waitForHeldMs?: number | undefined;
}

const LONGEST_MS = 0x7fff_ffff;

/** @throws MillraceError `INVALID_CONFIG` */
export const checkBudgetsOptions = (options: BudgetsOptions): void => {
  const wrong = (message: string): never => {
    throw new MillraceError('INVALID_CONFIG', message);
  };
  const { limits = [], timeZone, onUnknownPrice, onStoreError } = options;
  const ids = new Set<string>();
  for (const limit of limits) {
    checkBudgetLimit(limit);
    if (ids.has(limit.id)) wrong(`Two budgets have the id "${limit.id}"; give each its own.`);
    ids.add(limit.id);
  }
  if (timeZone !== undefined && !isTimeZone(timeZone))
    wrong('`budget.timeZone` must be an IANA name such as Europe/Zurich.');
  if (onUnknownPrice !== undefined && onUnknownPrice !== 'block') {
    const { reserveUsd } = onUnknownPrice;
    if (!(typeof reserveUsd === 'number' && reserveUsd >= 0 && reserveUsd <= 1_000_000))
      wrong('`budget.onUnknownPrice` must be "block" or { reserveUsd } of at least 0.');
  }
  if (onStoreError !== undefined && onStoreError !== 'closed' && onStoreError !== 'open')
    wrong('`budget.onStoreError` must be closed or open.');
  for (const name of ['limitsRefreshMs', 'storeTimeoutMs', 'waitForHeldMs'] as const) {
    const value = options[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= LONGEST_MS))
      wrong(`\`budget.${name}\` must be a number of milliseconds from 0 to ${LONGEST_MS}.`);
  }
};
