import type { BudgetLimit, BudgetStatus, Budgets } from '@millrace/core/budget';
import { type Terminal, table, write } from './terminal.ts';

/** What `budget` was asked. */
export interface BudgetOptions {
  readonly user?: string | undefined;
  readonly project?: string | undefined;
  readonly limit?: string | undefined;
  readonly period?: string | undefined;
  readonly per?: string | undefined;
  readonly zone?: string | undefined;
  readonly json: boolean;
}

/** Show what is left of the budgets, set one, or take one away. */
export const budget = async (
  budgets: Budgets,
  [action, id, ...more]: readonly string[],
  options: BudgetOptions,
  terminal: Terminal,
): Promise<void> => {
  const { user, project, json } = options;
  if (more.length > 0) throw new Error(`"${more.join(' ')}" is one word too many. --help tells more.`);
  if (action === 'set') {
    // Whether the values can be right is checked where they are used.
    await budgets.set({
      id: id ?? '',
      limitUsd: options.limit?.trim() ? Number(options.limit) : Number.NaN,
      period: options.period as BudgetLimit['period'],
      timeZone: options.zone,
      per: options.per?.split(',') as BudgetLimit['per'],
    });
  } else if (action === 'remove') {
    if (!(await budgets.remove(id ?? ''))) throw new Error(`There is no budget "${id ?? ''}".`);
  } else if (action !== undefined) {
    throw new Error(`There is no "budget ${action}". Use budget, budget set or budget remove.`);
  }
  const statuses = await budgets.status({ user, project }, { signal: terminal.signal });
  if (json) return write(terminal.output, `${JSON.stringify(statuses, undefined, 2)}\n`);
  if (statuses.length === 0) return write(terminal.output, 'No budget is for such calls.\n');
  const rows = statuses.map((status) => [
    status.id,
    whom(status),
    typeof status.period === 'object' ? `${status.period.rollingMs} ms` : status.period,
    `$${status.limitUsd.toFixed(2)}`,
    `$${status.usedUsd.toFixed(6)}`,
    `${Math.round(status.usedShare * 100)} %`,
    status.windowEnd === undefined ? '' : new Date(status.windowEnd).toISOString(),
  ]);
  await write(terminal.output, table(['budget', 'for', 'period', 'limit', 'used', '', 'until'], rows));
};

const whom = ({ scope }: BudgetStatus): string =>
  Object.entries(scope)
    .map(([dimension, value]) => (value === null ? `no ${dimension}` : `${dimension} ${value}`))
    .join(', ') || 'all';
