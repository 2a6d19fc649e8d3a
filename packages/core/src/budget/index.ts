// Limits of what may be spent.
export {
  type BudgetDimension,
  type BudgetLabels,
  type BudgetLimit,
  type BudgetPeriod,
  checkBudgetLimit,
} from './budget-limit.js';
// Where limits that are changed at run time are kept.
export { type BudgetLimitStore, recordBudgetLimits, type StoredBudgetLimit } from './budget-limit-store.js';
export type { BudgetsOptions } from './budget-options.js';
export type { BudgetScope } from './budget-scope.js';
export type { BudgetStatus } from './budget-status.js';
export type { BudgetHold, BudgetPressure, Budgets, SpendRequest } from './budgets.js';
export { createBudgets } from './create-budgets.js';
