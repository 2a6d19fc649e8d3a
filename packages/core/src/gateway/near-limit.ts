import type { BudgetPressure } from '../budget/budgets.js';

/** The id of the budget that is nearly used, for which a router prefers cheaper models. */
export const nearLimitOf = (pressure: BudgetPressure | undefined): string | undefined =>
  pressure?.level === 'none' ? undefined : pressure?.budget?.id;
