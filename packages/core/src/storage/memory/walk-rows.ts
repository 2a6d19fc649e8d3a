import type { StoredRow } from '../stored-value.js';
import type { SortedRows } from './sorted-rows.js';

/** How to walk. */
export interface Walk {
  readonly order: 'descending' | 'ascending';
  /** Begin behind the row of this key. */
  readonly after: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Rows that are looked at before whatever else is waiting gets its turn: a few milliseconds. */
const STRETCH = 5_000;

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const placeBehind = (rows: SortedRows, order: Walk['order'], key: string): number => {
  const place = rows.placeOf(key);
  if (order === 'descending') return place - 1;
  const row = rows.at(place);
  return row !== undefined && rows.keyOf(row) === key ? place + 1 : place;
};

/**
 * Visits rows in order until `visit` returns false. Goes on by key after a pause, so that rows which come or go
 * meanwhile make it neither skip nor repeat one.
 */
export const walkRows = async (
  rows: SortedRows,
  walk: Walk,
  visit: (row: StoredRow) => boolean,
): Promise<void> => {
  const { order, after, signal } = walk;
  const step = order === 'descending' ? -1 : 1;
  let place = order === 'descending' ? rows.size - 1 : 0;
  if (after !== undefined) place = placeBehind(rows, order, after);
  let left = STRETCH;
  for (let row = rows.at(place); row !== undefined; row = rows.at(place)) {
    if (!visit(row)) return;
    place += step;
    left -= 1;
    if (left > 0) continue;
    await nextTurn();
    signal?.throwIfAborted();
    left = STRETCH;
    place = placeBehind(rows, order, rows.keyOf(row));
  }
};
