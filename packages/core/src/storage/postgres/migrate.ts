import { newerVersionError, storageError } from '../storage-error.js';
import type { PostgresConnection, RunStatement } from './postgres-connection.js';

/** A part of a schema with a version of its own: the tables of a store, or a collection. */
export interface VersionedTables {
  readonly name: string;
  /** The statements of each step. Its number, counted from 1, is the version that it leads to. */
  readonly steps: readonly (readonly string[])[];
}

// Reads the catalogues themselves: functions like to_regclass answer from a cache that may be older than the lock.
const INSPECT = `SELECT current_setting('server_encoding'),
  EXISTS (SELECT FROM pg_namespace WHERE nspname = ?),
  EXISTS (SELECT FROM pg_tables WHERE schemaname = ? AND tablename = 'millrace_migrations')`;

const checkEncoding = (encoding: unknown): void => {
  if (encoding === 'UTF8') return;
  throw storageError(
    `A Postgres store needs a database in UTF8, and this one is in ${String(encoding)}. Create one with ENCODING 'UTF8' TEMPLATE template0.`,
    { retryable: false },
  );
};

/**
 * Brings tables to their newest version, in one transaction and one process at a time: many may ask for it at once.
 * Nothing is locked when there is nothing to do.
 *
 * @throws MillraceError `STORAGE` when the stored version is newer, or a step fails; nothing is changed then.
 */
export const migratePostgres = async (
  connection: PostgresConnection,
  schema: string,
  { name, steps }: VersionedTables,
): Promise<void> => {
  const table = `"${schema}".millrace_migrations`;

  const versionIn = async (run: RunStatement): Promise<number> => {
    const [row] = await run(`SELECT version FROM ${table} WHERE collection = ?`, [name]);
    const stored = Number(row?.[0] ?? 0);
    if (stored > steps.length) throw newerVersionError(name, stored, steps.length);
    return stored;
  };

  const inspect = async (run: RunStatement) => {
    const [row] = await run(INSPECT, [schema, schema]);
    checkEncoding(row?.[0]);
    return { hasSchema: row?.[1] === true, hasTable: row?.[2] === true };
  };

  const run: RunStatement = (text, values = []) => connection.run(text, values);
  if ((await inspect(run)).hasTable && (await versionIn(run)) === steps.length) return;

  await connection.transaction(async (runInside) => {
    await runInside('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`millrace.migrate.${schema}`]);
    const { hasSchema, hasTable } = await inspect(runInside);
    if (!hasSchema) await runInside(`CREATE SCHEMA "${schema}"`);
    if (!hasTable) {
      await runInside(
        `CREATE TABLE ${table} (collection TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL)`,
      );
    }
    const stored = await versionIn(runInside);
    for (const texts of steps.slice(stored)) for (const text of texts) await runInside(text);
    await runInside(
      `INSERT INTO ${table} (collection, version) VALUES (?, ?) ON CONFLICT (collection) DO UPDATE SET version = excluded.version`,
      [name, steps.length],
    );
  });
};
