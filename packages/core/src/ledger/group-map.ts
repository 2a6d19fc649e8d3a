import type { AggregateRow } from '../storage/record-store.js';
import { groupIn, type LedgerDimension, type LedgerGroup } from './ledger-filter.js';

/** Keeps something for each group of rows. */
export interface GroupMap<Value> {
  /** What is kept for the group that a row belongs to. */
  of(row: AggregateRow): Value;
  /** By group as JSON, in the order in which the groups came. */
  readonly values: ReadonlyMap<string, Value>;
}

/** @param make - called once for each group */
export const createGroupMap = <Value>(
  by: readonly LedgerDimension[],
  make: (group: LedgerGroup) => Value,
): GroupMap<Value> => {
  const values = new Map<string, Value>();
  let last: { readonly row: AggregateRow; readonly value: Value } | undefined;

  const find = (row: AggregateRow): Value => {
    const group = groupIn(row, by);
    const key = JSON.stringify(group);
    const value = values.get(key) ?? make(group);
    values.set(key, value);
    return value;
  };

  return {
    of(row) {
      // There may be a hundred thousand rows, and those of a group follow each other.
      const known = last;
      if (known !== undefined && by.every((name) => row[name] === known.row[name])) return known.value;
      const value = find(row);
      last = { row, value };
      return value;
    },
    values,
  };
};
