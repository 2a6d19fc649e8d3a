import pRetry from 'p-retry';
import type { BudgetLabels } from '../budget/budget-limit.js';
import type { BudgetStatus } from '../budget/budget-status.js';
import type { BudgetHold, Budgets } from '../budget/budgets.js';
import type { WorstCase } from '../budget/worst-case.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { Logger } from '../telemetry/logger.js';
import type { Emit } from './emitter.js';

/** Something that costs money, before it is done. */
interface Spending {
  /** The call that it is for. */
  readonly id: string;
  readonly labels: BudgetLabels;
  readonly worst: WorstCase;
  /** How many calls it is, each of which has the ceiling of an unknown price. Default: 1. */
  readonly calls?: number | undefined;
  /** Who would be paid, for messages: `openai:gpt-4o`. */
  readonly whom: string;
  readonly leaseId: string;
  readonly leaseMs?: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Money that is set aside for a call, and what is done with it at the end; nothing of it has to be waited for. */
export interface SpendingHold {
  readonly leftUsd: number | undefined;
  /** Hold it under another name from now on, for as long as said. Never fails: it is tried again later. */
  moveTo(leaseId: string, leaseMs: number): Promise<void>;
  /** `null`: it was spent, and the price is not known; charges what was held. */
  settle(costUsd: number | null): void;
  release(): void;
}

/** Asks the budgets before a call, and tells them afterwards. */
export interface Spender {
  /** @returns undefined when no budget is for the call. */
  reserve(spending: Spending): Promise<SpendingHold | undefined> | undefined;
  /** What is charged for a call whose price is not known, in US dollars. */
  readonly unknownUsd: number;
  /** Charge what is known now of money that is held, or was settled not long ago, under a name; may be repeated. */
  correct(id: string, leaseId: string, costUsd: number): void;
  /** Resolves when everything is settled. */
  flush(): Promise<void>;
}

/** What a spender works with. */
export interface SpenderOptions {
  readonly budgets: Budgets;
  readonly logger: Logger;
  readonly emit: Emit;
}

/** A settlement is tried again after 0.2, 1 and 5 s. */
const RETRIES = { retries: 3, minTimeout: 200, factor: 5 };

/** Connects a gateway with its budgets. */
export const createSpender = ({ budgets, logger, emit }: SpenderOptions): Spender => {
  const settling = new Set<Promise<void>>();

  const warn = (id: string, warnings: readonly BudgetStatus[]): void => {
    for (const budget of warnings) emit('budget-warning', { id, budget });
  };

  /** Settlements may be repeated; one that never succeeds leaves the money held until its lease is over. */
  const inBackground = (id: string, run: () => Promise<readonly BudgetStatus[]>): void => {
    const done = pRetry(run, RETRIES).then(
      (warnings) => warn(id, warnings),
      (error: unknown) =>
        logger.error({ callId: id, error }, 'what a call cost was not charged to its budgets'),
    );
    settling.add(done);
    void done.finally(() => settling.delete(done));
  };

  const reserve = async (spending: Spending, worstCaseUsd: number): Promise<SpendingHold | undefined> => {
    const { id, labels, leaseId, leaseMs, signal } = spending;
    let hold: BudgetHold | undefined;
    try {
      hold = await budgets.reserve({ labels, worstCaseUsd, leaseId, leaseMs, signal });
    } catch (error) {
      if (isRefusal(error)) emit('budget-exceeded', { id, error });
      if (isRefusal(error) || isCancelled(error, signal) || budgets.onStoreError === 'closed')
        throw storeFailure(error);
      logger.warn({ callId: id, error }, 'a call goes on without its budgets, because they cannot be asked');
      return undefined;
    }
    if (hold === undefined) return undefined;
    warn(id, hold.warnings);
    const held = hold;
    return {
      leftUsd: held.leftUsd,
      async moveTo(newId, newMs) {
        const moved = { labels, worstCaseUsd, leaseId: newId, leaseMs: newMs, force: true };
        // Both are held for a moment: too much rather than too little.
        const move = async (): Promise<readonly BudgetStatus[]> => {
          await budgets.reserve(moved);
          await held.release();
          return [];
        };
        await move().catch(() => inBackground(id, move));
      },
      settle: (costUsd) => inBackground(id, () => held.settle(costUsd ?? worstCaseUsd)),
      release: () => inBackground(id, async () => held.release().then(() => [])),
    };
  };

  /** Holds nothing, and charges what it costs all the same: another model has answered, or the vendor has searched. */
  const free = ({ id, labels, leaseId, leaseMs }: Spending): SpendingHold => ({
    leftUsd: undefined,
    moveTo: () => Promise.resolve(),
    settle(costUsd) {
      if (costUsd === null || costUsd === 0) return;
      inBackground(id, async () => {
        const spent = { labels, worstCaseUsd: costUsd, leaseId, leaseMs, force: true };
        const hold = await budgets.reserve(spent);
        return hold === undefined ? [] : [...hold.warnings, ...(await hold.settle(costUsd))];
      });
    },
    release: () => undefined,
  });

  const unknownUsd = budgets.onUnknownPrice === 'block' ? 0 : budgets.onUnknownPrice.reserveUsd;

  return {
    unknownUsd,
    reserve(spending) {
      if (!budgets.concerns(spending.labels)) return undefined;
      const { costUsd } = spending.worst;
      if (costUsd === 0) return Promise.resolve(free(spending));
      if (costUsd !== null) return reserve(spending, costUsd);
      if (budgets.onUnknownPrice !== 'block') return reserve(spending, unknownUsd * (spending.calls ?? 1));
      // Where it may go on, its price can be known once it has been answered.
      return blockUnless(budgets, spending).then(() => free(spending));
    },
    correct(id, leaseId, costUsd) {
      inBackground(id, async () => budgets.correct(leaseId, costUsd).then(() => []));
    },
    async flush() {
      while (settling.size > 0) await Promise.all(settling);
    },
  };
};

/** A call of unknown price goes on only where no hard budget is for it. */
const blockUnless = async (budgets: Budgets, { labels, whom, signal }: Spending): Promise<void> => {
  const statuses = await budgets.status(labels, { signal }).catch((error: unknown) => {
    if (budgets.onStoreError === 'closed' || isCancelled(error, signal)) throw storeFailure(error);
    return [];
  });
  const budget = statuses.find(({ hard }) => hard);
  if (budget === undefined) return;
  throw new MillraceError(
    'UNKNOWN_PRICE',
    `The price of ${whom} is not known, and the budget "${budget.id}" holds for the call. State the price in \`models\`, choose another model, or set \`budget.onUnknownPrice\`.`,
    { details: { budget: budget.id } },
  );
};

const isRefusal = (error: unknown): error is MillraceError =>
  MillraceError.isInstance(error) && error.code === 'BUDGET_EXCEEDED';

const isCancelled = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true || (MillraceError.isInstance(error) && error.code === 'CANCELLED');

const storeFailure = (error: unknown): unknown => {
  if (MillraceError.isInstance(error) && error.code !== 'TIMEOUT') return error;
  return new MillraceError(
    'STORAGE',
    'It could not be found out what is left of the budgets, and calls must not go on without that. Nothing was sent.',
    { cause: error },
  );
};
