import type { CollectionShape } from '../collection-shape.js';
import { putSqlText, quote, type SqlDialect } from '../sql.js';
import type { StoredRow } from '../stored-value.js';
import type { PostgresConnection, RunStatement } from './postgres-connection.js';
import { postgresFailureKind } from './postgres-failure.js';

/** A record to put, or the key of one to take out. */
export interface PendingRow {
  readonly shape: CollectionShape;
  readonly id: string;
  /** Undefined to take it out. */
  readonly values: StoredRow | undefined;
}

/** The rows of one statement. */
interface Group {
  readonly shape: CollectionShape;
  readonly rows: PendingRow[];
  readonly removes: boolean;
}

/** Only the last of what was asked of a record matters, because records are put and removed as a whole. */
const groupsOf = (rows: readonly PendingRow[]): Iterable<Group> => {
  const latest = new Map(rows.map((row) => [`${row.shape.name} ${row.id}`, row]));
  const groups = new Map<string, Group>();
  for (const row of latest.values()) {
    const removes = row.values === undefined;
    const key = `${row.shape.name} ${row.shape.version} ${removes}`;
    const group = groups.get(key) ?? { shape: row.shape, rows: [], removes };
    group.rows.push(row);
    groups.set(key, group);
  }
  return groups.values();
};

const writeGroup = (dialect: SqlDialect, run: RunStatement, { shape, rows, removes }: Group) => {
  if (removes) {
    const key = quote(shape.primaryKey.name);
    const ids = rows.map(({ id }) => id);
    return run(`DELETE FROM ${dialect.table(shape)} WHERE ${key} = ANY (?::text[])`, [ids]);
  }
  // One array for each column, so that the statement is the same for any number of rows.
  const types = shape.columns.map(({ type }) => dialect.types[type].replace(/ COLLATE .*/, ''));
  const source = `SELECT * FROM unnest(${types.map((type) => `?::${type}[]`).join(', ')})`;
  const columns = shape.columns.map(({ index }) => rows.map(({ values }) => values?.[index] ?? null));
  return run(putSqlText(dialect, shape, source), columns);
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
    connection.transaction(async (run) => {
      for (const group of groupsOf(some)) await writeGroup(dialect, run, group);
    });
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
