import type { CollectionShape } from './collection-shape.js';
import { cursorOf, type FindPlan } from './query-plan.js';
import type { RecordPage } from './record-store.js';
import { decodeRow, type StoredRow } from './stored-value.js';

/** The page that a find read, from its rows: one more than it has tells that another page follows. */
export const decodePage = <Row extends object>(
  shape: CollectionShape,
  plan: FindPlan,
  stored: readonly StoredRow[],
): RecordPage<Row> => {
  const rows = stored.slice(0, plan.limit).map((row) => decodeRow<Row>(shape, row));
  const last = stored[plan.limit - 1];
  if (stored.length <= plan.limit || last === undefined) return { rows };
  return { rows, next: cursorOf(plan, shape.primaryKey, last) };
};
