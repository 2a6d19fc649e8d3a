import { MillraceError } from '../model/errors/millrace-error.js';
import { type BudgetLimit, checkBudgetLimit } from './budget-limit.js';
import type { BudgetLimitStore, StoredBudgetLimit } from './budget-limit-store.js';

/** The limits that hold now: those of the host, and over them those that were set at run time. */
export interface LimitList {
  all(): readonly BudgetLimit[];
  /** Resolves when they are known; later, reads changes in the background from time to time. */
  ready(): Promise<void> | undefined;
  set(limit: BudgetLimit): Promise<void>;
  remove(id: string): Promise<boolean>;
}

/** What a list of limits works with. */
export interface LimitListOptions {
  readonly limits: readonly BudgetLimit[];
  readonly store: BudgetLimitStore | undefined;
  readonly refreshMs: number;
}

/** Start with the limits of the host. */
export const createLimitList = ({ limits, store, refreshMs }: LimitListOptions): LimitList => {
  const initial = new Map(limits.map((limit) => [limit.id, limit]));
  let current: readonly BudgetLimit[] = [...initial.values()];
  const changed = new Map<string, BudgetLimit | null>();
  let loadedAt: number | undefined;
  let loading: Promise<void> | undefined;
  /** Counts changes made here: what was read before one is read again, so that it does not undo it. */
  let changes = 0;

  const rebuild = (): void => {
    const merged = new Map<string, BudgetLimit>(initial);
    for (const [id, limit] of changed) {
      if (limit === null) merged.delete(id);
      else merged.set(id, limit);
    }
    current = [...merged.values()];
  };

  const load = (from: BudgetLimitStore): Promise<void> => {
    loading ??= (async () => {
      try {
        let before: number;
        let entries: readonly StoredBudgetLimit[];
        do {
          before = changes;
          entries = await from.load();
        } while (before !== changes);
        for (const { limit } of entries) if (limit !== null) checkBudgetLimit(limit, 'STORAGE');
        changed.clear();
        for (const { id, limit } of entries) changed.set(id, limit);
        rebuild();
        loadedAt = Date.now();
      } finally {
        loading = undefined;
      }
    })();
    return loading;
  };

  const change = async (id: string, limit: BudgetLimit | null): Promise<void> => {
    await store?.save({ id, limit });
    changes += 1;
    changed.set(id, limit);
    rebuild();
  };

  return {
    all: () => current,
    ready() {
      if (store === undefined) return undefined;
      if (loadedAt === undefined) return load(store);
      // Old limits hold while the new ones are read, and when they cannot be read.
      if (Date.now() - loadedAt >= refreshMs) {
        loadedAt = Date.now();
        load(store).catch(() => undefined);
      }
      return undefined;
    },
    async set(limit) {
      checkBudgetLimit(limit, 'BAD_REQUEST');
      await change(limit.id, limit);
    },
    async remove(id) {
      if (typeof id !== 'string') throw new MillraceError('BAD_REQUEST', 'The id of a budget is a text.');
      if (store !== undefined && loadedAt === undefined) await load(store);
      if (!current.some((limit) => limit.id === id)) return false;
      await change(id, null);
      return true;
    },
  };
};
