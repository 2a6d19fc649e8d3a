import type { RecordStore } from '../storage/record-store.js';
import type { BudgetLimit } from './budget-limit.js';

/** A limit that was set or taken away at run time. */
export interface StoredBudgetLimit {
  readonly id: string;
  /** Null when the limit was taken away. */
  readonly limit: BudgetLimit | null;
}

/** Keeps limits that are changed at run time, so that other processes and later ones have them too. */
export interface BudgetLimitStore {
  load(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly StoredBudgetLimit[]>;
  /** Resolves when it is kept. */
  save(entry: StoredBudgetLimit): Promise<void>;
}

interface LimitRow {
  readonly id: string;
  readonly definition: BudgetLimit | null;
  readonly changedAt: number;
}

/** Keeps limits in a store of records: SQLite, Postgres or memory. The store is the host's to close. */
export const recordBudgetLimits = (store: RecordStore): BudgetLimitStore => {
  const rows = store.collection<LimitRow>({
    name: 'budget_limits',
    primaryKey: 'id',
    migrations: [{ addColumns: { id: 'text', definition: 'json', changedAt: 'integer' } }],
  });
  return {
    async load({ signal } = {}) {
      const all: StoredBudgetLimit[] = [];
      let cursor: string | undefined;
      do {
        const page = await rows.find({ limit: 1000, cursor, signal });
        for (const { id, definition } of page.rows) all.push({ id, limit: definition });
        cursor = page.next;
      } while (cursor !== undefined);
      return all;
    },
    async save({ id, limit }) {
      rows.put({ id, definition: limit, changedAt: Date.now() });
      await rows.flush();
    },
  };
};
