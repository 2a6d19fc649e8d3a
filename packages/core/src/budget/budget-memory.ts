import { LRUCache } from 'lru-cache';
import { type BudgetAccount, type BudgetSum, statusOf } from './budget-account.js';
import type { BudgetStatus } from './budget-status.js';
import type { BudgetPressure } from './budgets.js';

/** Accounts that are remembered; of others a warning may be told twice, and their state is read anew. */
const MOST = 10_000;
/** How long a state is believed without a look at the store. */
const FRESH_MS = 10_000;

interface Known {
  readonly account: Pick<BudgetAccount, 'key' | 'limit' | 'scope' | 'window'>;
  readonly sum: BudgetSum;
  readonly status: BudgetStatus;
  readonly at: number;
  readonly warned: boolean;
}

/** What became of money that was held. Billionths of a dollar. */
interface EndedHold {
  /** How the account stood with the money in it. */
  readonly begun: BudgetSum;
  readonly held: number;
  readonly charged: number;
}

/** How an account stands, and the same once more when it is the first of its window that has reached `warnAt`. */
interface BudgetNote {
  readonly status: BudgetStatus;
  readonly warning: BudgetStatus | undefined;
}

/** Remembers how budgets stood, so that each warning is told once and routing knows without asking. */
export interface BudgetMemory {
  /** Take down what the store has said. */
  note(account: BudgetAccount, sum: BudgetSum): BudgetNote;
  /** Take down the end of a hold, without a look at the store. Returns a warning, as {@link BudgetNote} has it. */
  ended(account: BudgetAccount, hold: EndedHold): BudgetStatus | undefined;
  /** The last state of an account; undefined when it is not known, or old. */
  known(name: string): BudgetStatus | undefined;
}

/** Start with nothing known. */
export const createBudgetMemory = (): BudgetMemory => {
  const states = new LRUCache<string, Known>({ max: MOST });

  const put = (name: string, account: Known['account'], sum: BudgetSum): BudgetNote => {
    const { key, limit, scope, window } = account;
    const status = statusOf({ limit, scope, window }, sum);
    const before = states.get(name);
    const sameLimit = before?.status.limitUsd === status.limitUsd && before.status.warnAt === status.warnAt;
    const told = before?.warned === true && sameLimit;
    const sameWindow = before?.account.key === key;
    const reached = status.limitUsd > 0 && status.usedShare >= status.warnAt;
    // What a window has used only grows, but for a correction: a lower figure is an older one.
    const warned = reached || (told && sameWindow);
    states.set(name, { account: { key, limit, scope, window }, sum, status, at: Date.now(), warned });
    const isNews = reached && !(told && (sameWindow || typeof limit.period === 'object'));
    return { status, warning: isNews ? status : undefined };
  };

  return {
    note: (account, sum) => put(account.name, account, sum),
    ended(account, { begun, held, charged }) {
      // Other calls have begun and ended since this one began.
      const latest = states.get(account.name) ?? { account, sum: begun };
      const sameWindow = latest.account.key === account.key;
      if (!sameWindow && typeof account.limit.period !== 'object') return undefined;
      const { used, reserved } = latest.sum;
      return put(account.name, latest.account, {
        used: sameWindow ? Math.max(used, begun.used + charged) : used,
        reserved: Math.max(0, reserved - held),
      }).warning;
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
