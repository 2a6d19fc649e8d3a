import type { BudgetLabels, BudgetLimit } from './budget-limit.js';
import type { BudgetStatus } from './budget-status.js';

/** Money to set aside before it is spent. */
export interface SpendRequest {
  readonly labels: BudgetLabels;
  /** The most that it may cost, in US dollars. */
  readonly worstCaseUsd: number;
  /**
   * A name that is used once; by it the spending can be corrected later. A repeated reservation with the name of one
   * that is still held changes nothing. Default: a new UUID.
   */
  readonly leaseId?: string | undefined;
  /** How long it is held unless it is settled, in milliseconds. Default: 660,000. */
  readonly leaseMs?: number | undefined;
  /** Take it in any case, also above the limits: for money that is spent already. Default: false. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Money that is set aside. Ends with the first `settle` or `release`; without either it returns by itself in time. */
export interface BudgetHold {
  readonly leaseId: string;
  /** How each budget stood with the money in it. */
  readonly budgets: readonly BudgetStatus[];
  /** The least that is left in any hard budget, in US dollars; undefined when none of them is hard. */
  readonly leftUsd: number | undefined;
  /** Budgets that have reached their `warnAt`, each told once a window by each process. */
  readonly warnings: readonly BudgetStatus[];
  /** Charge what was really spent, in US dollars: less or more than was held. Resolves with new warnings. */
  settle(costUsd: number): Promise<readonly BudgetStatus[]>;
  /** Give all of it back: nothing was spent. */
  release(): Promise<void>;
}

/** How near calls with some labels are to a limit: `soft` from `warnAt` on, `hard` when all is used. */
export interface BudgetPressure {
  readonly level: 'none' | 'soft' | 'hard';
  /** The budget that is nearest to its limit; undefined when none is for such calls. */
  readonly budget?: BudgetStatus | undefined;
  /** The least that is left in any hard budget, in US dollars; undefined when none is for such calls. */
  readonly leftUsd?: number | undefined;
}

/** Limits of what may be spent, kept by reservations: many processes together never settle above them. */
export interface Budgets {
  /** The limits that hold now. */
  limits(): readonly BudgetLimit[];
  /**
   * Add a limit, or replace the one of the same id. What was used in the period stays used.
   *
   * @throws MillraceError `BAD_REQUEST` for a limit that cannot be right, `STORAGE` when it cannot be kept.
   */
  set(limit: BudgetLimit): Promise<void>;
  /** Take a limit away. Resolves with whether there was one. */
  remove(id: string): Promise<boolean>;
  /** Whether any limit is for calls with these labels. */
  concerns(labels: BudgetLabels): boolean;
  /**
   * Set money aside on every budget that is for the labels, or on none.
   *
   * @returns undefined when no budget is for them.
   * @throws MillraceError `BUDGET_EXCEEDED` (a `BudgetError`), or `STORAGE` when it cannot be found out what is left.
   */
  reserve(request: SpendRequest): Promise<BudgetHold | undefined>;
  /**
   * Charge money that a lease in another process, or before, was about: the truth that came late. The last one counts.
   * Resolves with false when the lease is not known any more.
   */
  correct(leaseId: string, costUsd: number): Promise<boolean>;
  /** How the budgets for some labels stand; without labels, those that hold for every call. */
  status(
    labels?: BudgetLabels,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly BudgetStatus[]>;
  /** What routing needs to know; at once where it is known, and `none` when the store fails. */
  pressure(labels: BudgetLabels, signal?: AbortSignal): BudgetPressure | Promise<BudgetPressure>;
  /** What to do with calls whose price is not known. */
  readonly onUnknownPrice: 'block' | { readonly reserveUsd: number };
  /** What to do when the store fails. */
  readonly onStoreError: 'closed' | 'open';
}
