import type { JsonObject } from '../json.js';
import { MillraceError, type MillraceErrorOptions } from './millrace-error.js';

/** What is known of a spending that a budget does not allow. */
export interface BudgetErrorOptions extends MillraceErrorOptions {
  /** The id of the budget. */
  readonly budget: string;
  /** When it begins anew, in milliseconds from now; undefined where it never does. */
  readonly retryAfterMs?: number | undefined;
  /** US dollars, like the following. */
  readonly limitUsd: number;
  readonly usedUsd: number;
  readonly reservedUsd: number;
  /** What the call may cost at most. */
  readonly neededUsd: number;
}

/** A budget has not enough left for a call; nothing was sent. Code `BUDGET_EXCEEDED`. */
export class BudgetError extends MillraceError {
  readonly budget: string;
  readonly retryAfterMs: number | undefined;
  readonly limitUsd: number;
  readonly usedUsd: number;
  readonly reservedUsd: number;
  readonly neededUsd: number;

  constructor(message: string, options: BudgetErrorOptions) {
    super('BUDGET_EXCEEDED', message, { ...options, details: budgetDetails(options) });
    this.budget = options.budget;
    this.retryAfterMs = options.retryAfterMs;
    this.limitUsd = options.limitUsd;
    this.usedUsd = options.usedUsd;
    this.reservedUsd = options.reservedUsd;
    this.neededUsd = options.neededUsd;
  }

  static override isInstance(value: unknown): value is BudgetError {
    return MillraceError.isInstance(value) && value.code === 'BUDGET_EXCEEDED' && 'budget' in value;
  }
}

const budgetDetails = ({ budget, retryAfterMs, details, ...rest }: BudgetErrorOptions): JsonObject => {
  const { limitUsd, usedUsd, reservedUsd, neededUsd } = rest;
  return {
    ...details,
    budget,
    limitUsd,
    usedUsd,
    reservedUsd,
    neededUsd,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
};
