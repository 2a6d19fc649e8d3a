import type { BudgetPeriod } from './budget-limit.js';
import type { BudgetScope } from './budget-scope.js';

/** How a budget stands for those whom it counts together. */
export interface BudgetStatus {
  /** The id of the limit. */
  readonly id: string;
  /** Whom it counts together: the values of the limit's `per`. */
  readonly scope: BudgetScope;
  readonly period: BudgetPeriod;
  readonly hard: boolean;
  /** US dollars, like the following. */
  readonly limitUsd: number;
  readonly usedUsd: number;
  /** Held for calls that are running. */
  readonly reservedUsd: number;
  /** What can still be reserved; 0 when more was spent than the limit allows. */
  readonly leftUsd: number;
  /** The part of the limit that is used, without what is held: 1 when all is used, more when more was. */
  readonly usedShare: number;
  readonly warnAt: number;
  /** Milliseconds since 1970; undefined for a period without a beginning. */
  readonly windowStart: number | undefined;
  /** When it begins anew, in milliseconds since 1970; undefined where it never does. */
  readonly windowEnd: number | undefined;
}
