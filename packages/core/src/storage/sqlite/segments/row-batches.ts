import type { DatabaseSync } from 'node:sqlite';
import type { Column } from '../../column.js';
import type { Period } from '../../period.js';
import { columnSql, quote } from '../../statement.js';
import type { StoredRow } from '../../stored-value.js';
import type { Batch } from './batch.js';
import { type ColumnValues, createColumnGatherer } from './column-values.js';
import { rowsOf } from './row-statement.js';
import type { ScannedTable } from './segment-query.js';
import { changeTable } from './segment-tables.js';

const batchOf = (rows: readonly StoredRow[], columns: readonly Column[]): Batch => {
  const values = new Map<number, ColumnValues>();
  for (const [position, column] of columns.entries()) {
    const gatherer = createColumnGatherer(column.type, rows.length);
    for (const row of rows) gatherer.add(row[position] ?? null);
    values.set(column.index, gatherer.take());
  }
  return {
    count: rows.length,
    values(column) {
      const found = values.get(column.index);
      if (found === undefined) throw new Error(`The column "${column.name}" was not read.`);
      return found;
    },
  };
};

/** The records that no segment has right: those above `sealed`, and those that have changed since. */
export function* rowBatches(
  database: DatabaseSync,
  { table, columns: numbered, time, size }: ScannedTable,
  sealed: number,
  { from, before }: Period,
): Generator<Batch, void> {
  const columns = numbered.map(([column]) => column);
  const names = columns.length === 0 ? '1' : columns.map(columnSql).join(', ');
  // A plus, so that no index is used for it: there are few records, and they are next to each other.
  const ends = [
    ...(from === undefined ? [] : [{ text: ` AND +${columnSql(time)} >= ?`, value: from }]),
    ...(before === undefined ? [] : [{ text: ` AND +${columnSql(time)} < ?`, value: before }]),
  ];
  const filter = ends.map(({ text }) => text).join('');
  const statement = database.prepare(
    `SELECT ${names} FROM ${quote(table.name)} AS r WHERE r._rowid_ > ?${filter} UNION ALL SELECT ${names} FROM ${changeTable(table)} AS c CROSS JOIN ${quote(table.name)} AS r ON r._rowid_ = c.place WHERE c.place <= ?${filter}`,
  );
  const values = ends.map(({ value }) => value);
  let rows: StoredRow[] = [];
  for (const row of rowsOf(statement, [sealed, ...values, sealed, ...values])) {
    rows.push(row);
    if (rows.length < size) continue;
    yield batchOf(rows, columns);
    rows = [];
  }
  if (rows.length > 0) yield batchOf(rows, columns);
}
