import type { CollectionShape } from '../collection-shape.js';
import type { Column } from '../column.js';
import { matchesAll } from '../match-row.js';
import type { FindPlan } from '../query-plan.js';
import { compareStored, type StoredRow } from '../stored-value.js';
import type { SortedRows } from './sorted-rows.js';
import { walkRows } from './walk-rows.js';

// Both find one row more than asked for, which tells whether another page follows.

/** The rows of a page in the order of their keys. */
export const foundInOrder = async (
  rows: SortedRows,
  { conditions, order, limit, after }: FindPlan,
  signal: AbortSignal | undefined,
): Promise<readonly StoredRow[]> => {
  const found: StoredRow[] = [];
  await walkRows(rows, { order, after: after?.id, signal }, (row) => {
    if (matchesAll(conditions, row)) found.push(row);
    return found.length <= limit;
  });
  return found;
};

/** The rows of a page in the order of a column, then of their keys. */
export const foundAndSorted = async (
  rows: SortedRows,
  { primaryKey }: CollectionShape,
  { conditions, order, limit, after }: FindPlan,
  orderBy: Column,
  signal: AbortSignal | undefined,
): Promise<readonly StoredRow[]> => {
  const direction = order === 'descending' ? -1 : 1;
  const valueIn = (row: StoredRow, column: Column) => row[column.index] ?? null;
  const isBehind = (row: StoredRow): boolean =>
    after === undefined ||
    direction *
      (compareStored(valueIn(row, orderBy), after.value) ||
        compareStored(valueIn(row, primaryKey), after.id)) >
      0;
  const compare = (left: StoredRow, right: StoredRow): number =>
    direction *
    (compareStored(valueIn(left, orderBy), valueIn(right, orderBy)) ||
      compareStored(valueIn(left, primaryKey), valueIn(right, primaryKey)));
  // Kept in order and no longer than the page, so that most rows cost one comparison.
  const found: StoredRow[] = [];
  await walkRows(rows, { order: 'ascending', after: undefined, signal }, (row) => {
    if (valueIn(row, orderBy) === null || !isBehind(row) || !matchesAll(conditions, row)) return true;
    const last = found.at(-1);
    if (found.length > limit && last !== undefined && compare(row, last) > 0) return true;
    const place = found.findLastIndex((other) => compare(other, row) < 0) + 1;
    found.splice(place, 0, row);
    if (found.length > limit + 1) found.pop();
    return true;
  });
  return found;
};
