import { decodeFigure, decodeKey } from '../../group-value.js';
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
  const keys = groupBy.map((key, index) => ({
    name: key.column.name,
    codes: groups[index]?.codes,
    values: groups[index]?.values.map((value) => decodeKey(key, value)) ?? [],
  }));
  const numbers = planned.map((figure, index) => ({ figure, name: figure.name, values: figures[index] }));
  // Copies of a row that has all names already are made in half the time.
  const blank: Readonly<Record<string, Scalar>> = Object.fromEntries(
    [...keys, ...numbers].map(({ name }) => [name, null]),
  );
  return Array.from({ length }, (_, index) => {
    const row = { ...blank };
    for (const { name, codes, values } of keys) row[name] = values[codes?.[index] ?? 0] ?? null;
    for (const { figure, name, values } of numbers) {
      const value = values?.[index] ?? Number.NaN;
      row[name] = Number.isNaN(value) ? null : decodeFigure(figure, value);
    }
    return row;
  });
};
