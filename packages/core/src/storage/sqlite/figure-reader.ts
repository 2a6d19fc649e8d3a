import type { Column } from '../column.js';
import type { StoredRow } from '../stored-value.js';

/**
 * What a record adds to totals: 1 for itself, its values, and 1 for each counted value that is not null; all of it
 * negative for one that goes. With an entry of JSON, that is the value of the column of JSON.
 */
export type FigureReader = (row: StoredRow, sign: 1 | -1, entry?: number) => readonly number[];

/** Reads each record once, however many roll-ups of the same columns ask for it in turn. */
export const createFigureReader = (totals: readonly Column[], counts: readonly Column[]): FigureReader => {
  let lastRow: StoredRow | undefined;
  let lastSign: number | undefined;
  let last: readonly number[] = [];

  const read: FigureReader = (row, sign, entry) => {
    const valueIn = ({ type, index }: Column) =>
      type === 'json' && entry !== undefined ? entry : (row[index] ?? null);
    const figures: number[] = [sign];
    for (const column of totals) figures.push(sign * Number(valueIn(column) ?? 0));
    for (const column of counts) figures.push(valueIn(column) === null ? 0 : sign);
    return figures;
  };

  return (row, sign, entry) => {
    if (entry !== undefined) return read(row, sign, entry);
    if (row !== lastRow || sign !== lastSign) {
      last = read(row, sign);
      lastRow = row;
      lastSign = sign;
    }
    return last;
  };
};
