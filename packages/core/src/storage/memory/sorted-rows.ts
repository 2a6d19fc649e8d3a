import { compareText, type StoredRow } from '../stored-value.js';

/** Rows in the order of their keys, of which only the newest are kept. */
export interface SortedRows {
  readonly size: number;
  put(row: StoredRow): void;
  remove(id: string): void;
  get(id: string): StoredRow | undefined;
  keyOf(row: StoredRow): string;
  /** The row at a place, 0 being the oldest. */
  at(place: number): StoredRow | undefined;
  /** The place of the first row whose key is not less than `id`. */
  placeOf(id: string): number;
}

/**
 * Keys mostly arrive in order, so that adding is a push and replacing a binary search.
 * The oldest rows are let go of in bulk, because shifting a long array once a row is slow.
 */
export const createSortedRows = (keyIndex: number, maxRecords: number): SortedRows => {
  let rows: StoredRow[] = [];
  let first = 0;

  const keyOf = (row: StoredRow | undefined): string => String(row?.[keyIndex]);
  const keyAt = (position: number): string => keyOf(rows[position]);

  const positionOf = (id: string): number => {
    let low = first;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareText(keyAt(middle), id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const dropOldest = (): void => {
    if (rows.length - first <= maxRecords) return;
    rows[first] = [];
    first += 1;
    if (first > maxRecords) {
      rows = rows.slice(first);
      first = 0;
    }
  };

  return {
    get size() {
      return rows.length - first;
    },
    put(row) {
      const id = keyOf(row);
      if (rows.length === first || compareText(keyAt(rows.length - 1), id) < 0) {
        rows.push(row);
      } else {
        const position = positionOf(id);
        rows.splice(position, keyAt(position) === id ? 1 : 0, row);
      }
      dropOldest();
    },
    remove(id) {
      const position = positionOf(id);
      if (position < rows.length && keyAt(position) === id) rows.splice(position, 1);
    },
    get(id) {
      const position = positionOf(id);
      return position < rows.length && keyAt(position) === id ? rows[position] : undefined;
    },
    keyOf,
    at: (place) => (place < 0 ? undefined : rows[first + place]),
    placeOf: (id) => positionOf(id) - first,
  };
};
