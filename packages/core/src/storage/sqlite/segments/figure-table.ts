import type { StoredRow, StoredValue } from '../../stored-value.js';

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

/** The rows of a table: the values of the groups, then the figures. */
export const rowsOfTable = ({ length, groups, figures }: FigureTable): readonly StoredRow[] =>
  Array.from({ length }, (_, index) => {
    const row: StoredValue[] = [];
    for (const { codes, values } of groups) row.push(values[codes[index] ?? 0] ?? null);
    for (const figure of figures) {
      const value = figure[index] ?? Number.NaN;
      row.push(Number.isNaN(value) ? null : value);
    }
    return row;
  });
