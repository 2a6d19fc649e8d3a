import { vi } from 'vitest';
import {
  type BudgetHold,
  type BudgetLabels,
  type BudgetLimit,
  type Budgets,
  createBudgets,
} from '../src/budget/index.js';
import { BudgetError } from '../src/model/errors/budget-error.js';
import { failureOf } from './scripted-provider.js';

/** Sets the clock. */
export const at = (time: string): void => void vi.setSystemTime(new Date(time));
/** Replaces the clock of `Date`; give it back with `vi.useRealTimers`. */
export const clock = (time: string): void => {
  vi.useFakeTimers({ toFake: ['Date'] });
  at(time);
};
/** Sets money aside. */
export const hold = async (
  budgets: Budgets,
  worstCaseUsd: number,
  labels: BudgetLabels = {},
): Promise<BudgetHold> => {
  const held = await budgets.reserve({ labels, worstCaseUsd });
  if (held === undefined) throw new Error('No budget was for it.');
  return held;
};

/** Sets money aside and spends all of it. */
export const spend = async (budgets: Budgets, usd: number, labels: BudgetLabels = {}): Promise<void> => {
  await (await hold(budgets, usd, labels)).settle(usd);
};

/** The error of a reservation that is refused. */
export const refused = async (
  budgets: Budgets,
  usd: number,
  labels: BudgetLabels = {},
): Promise<BudgetError> => {
  const error = await failureOf(() => hold(budgets, usd, labels));
  if (!BudgetError.isInstance(error)) throw error;
  return error;
};

/** Budgets of one dollar a day, which wait for nothing. */
export const one = (
  limit: Partial<BudgetLimit>,
  options: Parameters<typeof createBudgets>[0] = {},
): Budgets =>
  createBudgets({
    limits: [{ id: 'all', limitUsd: 1, period: 'day', ...limit }],
    waitForHeldMs: 0,
    ...options,
  });
