import { sha256 } from '../internal/sha256.js';
import type { CounterLimit, CounterState, LimitState } from '../storage/counter-store.js';
import type { BudgetLabels, BudgetLimit } from './budget-limit.js';
import { type BudgetScope, scopesOf } from './budget-scope.js';
import type { BudgetStatus } from './budget-status.js';
import { type BudgetWindow, budgetWindow } from './budget-window.js';
import { toDollars, toNanoDollars } from './nano-dollars.js';

/** One limit, for one scope, in one window: what a counter counts. */
export interface BudgetAccount {
  readonly limit: BudgetLimit;
  readonly scope: BudgetScope;
  readonly window: BudgetWindow;
  readonly key: string;
  readonly earlierKeys: readonly string[];
  /** The same in every window, and for every run by itself. */
  readonly name: string;
}

/** The accounts that a spending with some labels counts for. */
export const accountsOf = async (
  limits: readonly BudgetLimit[],
  labels: BudgetLabels,
  { at, timeZone }: { readonly at: number; readonly timeZone: string },
): Promise<BudgetAccount[]> => {
  const accounts: BudgetAccount[] = [];
  for (const limit of limits) {
    const window = budgetWindow(limit.period, at, {
      timeZone: limit.timeZone ?? timeZone,
      runId: labels.runId,
    });
    for (const scope of scopesOf(limit, labels)) {
      const name = accountName(limit, scope, labels);
      accounts.push({
        limit,
        scope,
        window,
        name,
        key: await counterKey(name, window.name),
        earlierKeys: await Promise.all(window.earlier.map((step) => counterKey(name, step.name))),
      });
    }
  }
  return accounts;
};

/** Names the counters of a limit and scope. */
export const accountName = (limit: BudgetLimit, scope: BudgetScope, labels: BudgetLabels): string => {
  const zone = limit.timeZone ?? '';
  const run = limit.period === 'run' ? (labels.runId ?? '') : '';
  return JSON.stringify([limit.id, zone, run, Object.entries(scope).sort(([a], [b]) => (a < b ? -1 : 1))]);
};

const LONGEST_KEY = 400;

const counterKey = async (account: string, window: string): Promise<string> => {
  const key = `budget ${account} ${window}`;
  return key.length <= LONGEST_KEY ? key : `budget ${await sha256(key)}`;
};

/** What the store is asked to keep. */
export const counterLimit = (
  { limit, window, key, earlierKeys }: BudgetAccount,
  force: boolean,
): CounterLimit => ({
  key,
  limit: force || limit.hard === false ? Number.MAX_SAFE_INTEGER : toNanoDollars(limit.limitUsd),
  windowEnd: window.keepUntil,
  including: earlierKeys,
});

/** What is used and held, in billionths of a dollar. */
export type BudgetSum = Pick<LimitState, 'used' | 'reserved'>;

/** The figures of an account, in words of money. */
export const statusOf = (
  { limit, scope, window }: Pick<BudgetAccount, 'limit' | 'scope' | 'window'>,
  sum: BudgetSum,
): BudgetStatus => {
  const { limitUsd } = limit;
  const usedUsd = toDollars(sum.used);
  return {
    id: limit.id,
    scope,
    period: limit.period,
    hard: limit.hard !== false,
    limitUsd,
    usedUsd,
    reservedUsd: toDollars(sum.reserved),
    leftUsd: Math.max(0, toDollars(toNanoDollars(limitUsd) - sum.used - sum.reserved)),
    // Nothing can be spent of nothing.
    usedShare: limitUsd === 0 ? 1 : usedUsd / limitUsd,
    warnAt: limit.warnAt ?? 0.8,
    windowStart: window.start,
    windowEnd: window.end,
  };
};

/** The sum over the counters of an account, of which `states` holds some. */
export const sumOf = (
  { key, earlierKeys }: BudgetAccount,
  states: ReadonlyMap<string, CounterState>,
): BudgetSum => {
  let used = 0;
  let reserved = 0;
  for (const one of [key, ...earlierKeys]) {
    used += states.get(one)?.used ?? 0;
    reserved += states.get(one)?.reserved ?? 0;
  }
  return { used, reserved };
};
