import { decodeKey } from '../../group-value.js';
import type { AggregatePlan } from '../../query-plan.js';
import type { AggregateRow, Scalar } from '../../record-store.js';
import type { StoredValue } from '../../stored-value.js';

/** The values of one key for a list of groups. */
export interface GroupColumn {
  readonly codes: Uint32Array;
  /** What the codes stand for. */
  readonly values: readonly StoredValue[];
}

/**
 * What an aggregate gives, column by column: some arrays go from thread to thread in no time, rows in a hundred
 * times as much.
 */
export interface FigureTable {
  readonly length: number;
  readonly groups: readonly GroupColumn[];
  /** Null is NaN. */
  readonly figures: readonly Float64Array[];
}

/** The groups that a table holds, with their figures. */
export const decodeTable = (
  { groupBy, figures: planned }: AggregatePlan,
  { length, groups, figures }: FigureTable,
): readonly AggregateRow[] => {
  const names = [...groupBy.map(({ column }) => column.name), ...planned.map(({ name }) => name)];
  // Copies of one row, filled name by name: half the time of building each by itself.
  const empty: Record<string, Scalar> = Object.fromEntries(names.map((name) => [name, null]));
  const rows = Array.from({ length }, () => ({ ...empty }));
  for (const [place, key] of groupBy.entries()) {
    const values = groups[place]?.values.map((value) => decodeKey(key, value)) ?? [];
    const codes = groups[place]?.codes;
    for (const [index, row] of rows.entries()) row[key.column.name] = values[codes?.[index] ?? 0] ?? null;
  }
  for (const [place, { name }] of planned.entries()) {
    const values = figures[place];
    for (const [index, row] of rows.entries()) {
      const value = values?.[index] ?? Number.NaN;
      if (!Number.isNaN(value)) row[name] = value;
    }
  }
  return rows;
};
