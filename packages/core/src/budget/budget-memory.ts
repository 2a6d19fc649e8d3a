import { LRUCache } from 'lru-cache';
import type { BudgetAccount } from './budget-account.js';
import type { BudgetStatus } from './budget-status.js';
import type { BudgetPressure } from './budgets.js';

/** Accounts that are remembered; of others a warning may be told twice, and their state is read anew. */
const MOST = 10_000;
/** How long a state is believed without a look at the store. */
const FRESH_MS = 10_000;

interface Known {
  readonly status: BudgetStatus;
  readonly at: number;
  readonly warned: boolean;
}

/** Remembers how budgets stood, so that each warning is told once and routing knows without asking. */
export interface BudgetMemory {
  /** Take a new state down. Returns it when it is the first of its window that has reached `warnAt`. */
  note(account: BudgetAccount, status: BudgetStatus): BudgetStatus | undefined;
  /** The last state of an account; undefined when it is not known, or old. */
  known(name: string): BudgetStatus | undefined;
}

/** Start with nothing known. */
export const createBudgetMemory = (): BudgetMemory => {
  const states = new LRUCache<string, Known>({ max: MOST });
  return {
    note({ name }, status) {
      const before = states.get(name);
      const sameWindow =
        before !== undefined &&
        (typeof status.period === 'object' || before.status.windowStart === status.windowStart);
      const reached = status.limitUsd > 0 && status.usedShare >= status.warnAt;
      const told = sameWindow && before.warned && before.status.limitUsd === status.limitUsd;
      states.set(name, { status, at: Date.now(), warned: reached });
      return reached && !told ? status : undefined;
    },
    known(name) {
      const found = states.get(name);
      if (found === undefined || Date.now() - found.at > FRESH_MS) return undefined;
      const { windowEnd } = found.status;
      return windowEnd !== undefined && windowEnd <= Date.now() ? undefined : found.status;
    },
  };
};

const LEVELS: readonly BudgetPressure['level'][] = ['none', 'soft', 'hard'];

/** A soft budget is never used up: it only warns. */
const levelOf = ({ usedShare, warnAt, hard }: BudgetStatus): number => {
  if (usedShare >= 1 && hard) return 2;
  return usedShare >= warnAt ? 1 : 0;
};

/** How several budgets press together: as the one does that is nearest to its limit. */
export const pressureOf = (statuses: readonly BudgetStatus[]): BudgetPressure => {
  const [worst] = statuses.toSorted((a, b) => levelOf(b) - levelOf(a) || b.usedShare - a.usedShare);
  if (worst === undefined) return { level: 'none' };
  const left = statuses.filter(({ hard }) => hard).map(({ leftUsd }) => leftUsd);
  const leftUsd = left.length === 0 ? undefined : Math.min(...left);
  return { level: LEVELS[levelOf(worst)] ?? 'none', budget: worst, leftUsd };
};
