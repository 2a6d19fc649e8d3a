import type { CollectionShape } from '../collection-shape.js';
import type { Column } from '../column.js';
import { putSqlText, updateSqlText } from '../sql.js';
import { quote, type SqlDialect } from '../statement.js';
import type { StoredRow, StoredValue } from '../stored-value.js';
import type { PostgresConnection, RunStatement } from './postgres-connection.js';
import { postgresFailureKind } from './postgres-failure.js';

/** What is to be done with one record. */
export interface PendingRow {
  readonly shape: CollectionShape;
  readonly id: string;
  readonly change:
    | { readonly kind: 'put'; readonly values: StoredRow }
    | { readonly kind: 'update'; readonly changes: ReadonlyMap<Column, StoredValue> }
    | { readonly kind: 'remove' };
}

type PutRow = PendingRow & { readonly change: { readonly kind: 'put' } };
type UpdateRow = PendingRow & { readonly change: { readonly kind: 'update' } };
const isPut = (row: PendingRow): row is PutRow => row.change.kind === 'put';
const isUpdate = (row: PendingRow): row is UpdateRow => row.change.kind === 'update';

/** Two things to do with the same record as one. */
const joined = (earlier: PendingRow | undefined, row: PendingRow): PendingRow => {
  // Records are put and removed as a whole, so that what came before does not matter.
  if (earlier === undefined || !isUpdate(row) || earlier.change.kind === 'remove') {
    return earlier?.change.kind === 'remove' && isUpdate(row) ? earlier : row;
  }
  if (isUpdate(earlier)) {
    const changes = new Map([...earlier.change.changes, ...row.change.changes]);
    return { ...row, change: { kind: 'update', changes } };
  }
  if (!isPut(earlier)) return row;
  // A collection may be open in two versions, of which the later has the columns of the earlier and some more.
  const shape = earlier.shape.version > row.shape.version ? earlier.shape : row.shape;
  const changes = new Map([...row.change.changes].map(([{ index }, value]) => [index, value]));
  const old = earlier.change.values;
  const values = shape.columns.map(({ index }) =>
    changes.has(index) ? (changes.get(index) ?? null) : (old[index] ?? null),
  );
  return { shape, id: row.id, change: { kind: 'put', values } };
};

const joinedRows = (rows: readonly PendingRow[]): readonly PendingRow[] => {
  const latest = new Map<string, PendingRow>();
  for (const row of rows) {
    const key = `${row.shape.name} ${row.id}`;
    latest.set(key, joined(latest.get(key), row));
  }
  return [...latest.values()];
};

const byShape = <Row extends PendingRow>(
  rows: readonly Row[],
): ReadonlyMap<CollectionShape, readonly Row[]> => Map.groupBy(rows, ({ shape }) => shape);

const putRows = (dialect: SqlDialect, run: RunStatement, shape: CollectionShape, rows: readonly PutRow[]) => {
  // One array for each column, so that the statement is the same for any number of rows.
  const types = shape.columns.map(({ type }) => dialect.types[type].replace(/ COLLATE .*/, ''));
  const source = `SELECT * FROM unnest(${types.map((type) => `?::${type}[]`).join(', ')})`;
  const columns = shape.columns.map(({ index }) => rows.map(({ change }) => change.values[index] ?? null));
  return run(putSqlText(dialect, shape, source), columns);
};

const removeRows = (
  dialect: SqlDialect,
  run: RunStatement,
  shape: CollectionShape,
  rows: readonly PendingRow[],
) => {
  const key = quote(shape.primaryKey.name);
  const ids = rows.map(({ id }) => id);
  return run(`DELETE FROM ${dialect.table(shape)} WHERE ${key} = ANY (?::text[])`, [ids]);
};

const updateRow = (dialect: SqlDialect, run: RunStatement, { shape, id, change }: UpdateRow) =>
  run(updateSqlText(dialect, shape, [...change.changes.keys()]), [...change.changes.values(), id]);

const writeAll = async (
  dialect: SqlDialect,
  run: RunStatement,
  rows: readonly PendingRow[],
): Promise<void> => {
  const latest = joinedRows(rows);
  for (const [shape, puts] of byShape(latest.filter(isPut))) await putRows(dialect, run, shape, puts);
  for (const row of latest.filter(isUpdate)) await updateRow(dialect, run, row);
  const removals = latest.filter(({ change }) => change.kind === 'remove');
  for (const [shape, removed] of byShape(removals)) await removeRows(dialect, run, shape, removed);
};

/**
 * Stores rows in one transaction. Where one of them can never be stored, each has a transaction of its own, and those
 * that cannot be stored are reported and left out.
 *
 * @throws MillraceError `STORAGE`, or the error of `pg`; the rows can be stored again then.
 */
export const writeRows = async (
  connection: PostgresConnection,
  dialect: SqlDialect,
  rows: readonly PendingRow[],
  reportBadRow: (row: PendingRow, cause: unknown) => void,
): Promise<void> => {
  const writeTogether = (some: readonly PendingRow[]): Promise<void> =>
    connection.transaction((run) => writeAll(dialect, run, some));
  try {
    await writeTogether(rows);
  } catch (error) {
    if (postgresFailureKind(error) !== 'bad-row') throw error;
    for (const row of rows) {
      try {
        await writeTogether([row]);
      } catch (cause) {
        if (postgresFailureKind(cause) !== 'bad-row') throw cause;
        reportBadRow(row, cause);
      }
    }
  }
};
