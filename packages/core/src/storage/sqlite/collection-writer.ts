import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CollectionShape } from '../collection-shape.js';
import type { Column } from '../column.js';
import type { RollUp } from '../roll-up.js';
import { putSqlText, removeSqlText, updateSqlText } from '../sql.js';
import { quote } from '../statement.js';
import type { StoredRow, StoredValue } from '../stored-value.js';
import { createFigureReader, type FigureReader } from './figure-reader.js';
import { createRollUpWriter } from './roll-up-writer.js';
import { createSegmentWriter } from './segments/segment-writer.js';
import { sqliteDialect } from './sqlite-dialect.js';

/** What is to be done with one record. */
export type RecordChange =
  | { readonly kind: 'put'; readonly values: StoredRow }
  | { readonly kind: 'update'; readonly id: string; readonly changes: ReadonlyMap<Column, StoredValue> }
  | { readonly kind: 'remove'; readonly id: string };

/** Writes the records of a collection together with its roll-ups and segments. All of it happens within transactions of others. */
export interface CollectionWriter {
  readonly name: string;
  write(change: RecordChange): void;
  /** Writes the roll-ups and segments; call it before the transaction is committed. */
  finish(): void;
  /** The transaction was rolled back. */
  discard(): void;
  /** Counts the records that are there already into the roll-ups of later steps than `version`. */
  countAll(version: number): void;
}

/** Records that are counted before the roll-ups are written; bounds the memory that it takes. */
const STRETCH = 20_000;

/** The columns that any roll-up reads. */
const columnsOf = ({ rollUps }: CollectionShape): readonly Column[] => [
  ...new Set(
    rollUps.flatMap(({ time, keys, totals, counts }) => [
      time,
      ...keys.map(({ column }) => column),
      ...totals,
      ...counts,
    ]),
  ),
];

export const createCollectionWriter = (database: DatabaseSync, shape: CollectionShape): CollectionWriter => {
  const put = database.prepare(putSqlText(sqliteDialect, shape));
  const removal = database.prepare(removeSqlText(sqliteDialect, shape));
  const updates = new Map<string, StatementSync>();
  const figures = new Map<string, FigureReader>();
  const figuresOf = ({ totals, counts }: RollUp): FigureReader => {
    const columns = JSON.stringify([totals, counts].map((some) => some.map(({ name }) => name)));
    const reader = figures.get(columns) ?? createFigureReader(totals, counts);
    figures.set(columns, reader);
    return reader;
  };
  const rollUps = shape.rollUps.map((rollUp) => ({
    rollUp,
    writer: createRollUpWriter(database, shape, rollUp, figuresOf(rollUp)),
  }));
  const segments = shape.segments && createSegmentWriter(database, shape, shape.segments);
  const columns = columnsOf(shape);
  // The rowid comes last, behind the columns.
  const reading = `SELECT ${[...columns.map(({ name }) => quote(name)), '_rowid_ AS "_rowid_"'].join(', ')} FROM ${quote(shape.name)}`;
  const current =
    columns.length === 0 && segments === undefined
      ? undefined
      : database.prepare(`${reading} WHERE ${quote(shape.primaryKey.name)} = ?`);

  const rowOf = (stored: object): StoredRow => {
    const row: StoredValue[] = Array(shape.columns.length).fill(null);
    for (const [position, value] of Object.values(stored).entries()) {
      const column = columns[position];
      if (column !== undefined) row[column.index] = value as StoredValue;
    }
    return row;
  };

  /** Counts the record of that key; the result is its rowid, if there is one. */
  const countCurrent = (id: StoredValue, sign: 1 | -1): number | undefined => {
    const stored = current?.get(id);
    if (stored === undefined) return undefined;
    const row = rowOf(stored);
    for (const { writer } of rollUps) writer.count(row, sign);
    return Number(stored['_rowid_']);
  };

  const updateOf = (changed: readonly Column[]): StatementSync => {
    const text = updateSqlText(sqliteDialect, shape, changed);
    const known = updates.get(text) ?? database.prepare(text);
    updates.set(text, known);
    return known;
  };

  return {
    name: shape.name,
    write(change) {
      const id = change.kind === 'put' ? (change.values[shape.primaryKey.index] ?? null) : change.id;
      let rowid = countCurrent(id, -1);
      if (change.kind === 'put') {
        const { lastInsertRowid } = put.run(...change.values);
        rowid ??= Number(lastInsertRowid);
        for (const { writer } of rollUps) writer.count(change.values, 1);
      } else if (change.kind === 'remove') {
        removal.run(id);
      } else {
        updateOf([...change.changes.keys()]).run(...change.changes.values(), id);
        countCurrent(id, 1);
      }
      if (rowid !== undefined) segments?.touch(rowid);
    },
    finish() {
      for (const { writer } of rollUps) writer.write();
      segments?.finish();
    },
    discard() {
      for (const { writer } of rollUps) writer.discard();
      segments?.discard();
    },
    countAll(version) {
      const added = rollUps.filter(({ rollUp }) => rollUp.step > version);
      if (added.length === 0) return;
      let counted = 0;
      for (const stored of database.prepare(reading).iterate()) {
        const row = rowOf(stored);
        for (const { writer } of added) writer.count(row, 1);
        counted += 1;
        if (counted % STRETCH === 0) for (const { writer } of added) writer.write();
      }
      for (const { writer } of added) writer.write();
    },
  };
};
