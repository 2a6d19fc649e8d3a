import type { DatabaseSync } from 'node:sqlite';
import { positive } from '../check-request.js';
import { sameBytes } from '../expiring-bytes.js';
import { startStoreLife } from '../store-life.js';
import type { ValueStore } from '../value-store.js';
import { valueStoreOf } from '../value-store-of.js';
import { migrateTables, type VersionedTables } from './migrate.js';
import { databasePath } from './open-database.js';
import { createStatements } from './statements.js';
import { createTransactionQueue } from './transaction-queue.js';

/** Options of {@link createSqliteValueStore}. */
export interface SqliteValueStoreOptions {
  /** The file, which may be that of a record store. It and its folder are created when missing. */
  readonly path: string;
  /** How long an operation may wait for a lock that another process holds, in milliseconds. Default: 5000. */
  readonly busyTimeoutMs?: number | undefined;
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

const VALUE_TABLES: VersionedTables = {
  name: 'millrace_values',
  steps: [
    [
      'CREATE TABLE millrace_values (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL, expires_at INTEGER)',
      'CREATE INDEX millrace_values_end ON millrace_values (expires_at) WHERE expires_at IS NOT NULL',
    ],
  ],
};

const GET = 'SELECT value FROM millrace_values WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)';
const SET =
  'INSERT INTO millrace_values (key, value, expires_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at';
const DELETE = 'DELETE FROM millrace_values WHERE key = ?';
const SWEEP =
  'DELETE FROM millrace_values WHERE key IN (SELECT key FROM millrace_values WHERE expires_at IS NOT NULL AND expires_at <= ? LIMIT ?)';

/** Keeps values in an SQLite file that many processes of one machine may use at once. Needs Node 22.13 or newer. */
export const createSqliteValueStore = (options: SqliteValueStoreOptions): ValueStore => {
  const { now = Date.now, busyTimeoutMs = 5_000 } = options;
  const prepared = createStatements();
  const queue = createTransactionQueue({
    path: databasePath(options.path),
    busyTimeoutMs: positive('busyTimeoutMs', busyTimeoutMs),
    prepare: (database) => migrateTables(database, VALUE_TABLES, 0),
  });

  const get = (database: DatabaseSync, key: string): Uint8Array | undefined => {
    const value = prepared(database, GET).get(key, now())?.['value'];
    return value instanceof Uint8Array ? value : undefined;
  };
  const set = (database: DatabaseSync, key: string, value: Uint8Array, ttlMs: number | undefined): void => {
    prepared(database, SET).run(key, value, ttlMs === undefined ? null : now() + ttlMs);
  };
  const remove = (database: DatabaseSync, key: string): boolean => {
    const existed = get(database, key) !== undefined;
    prepared(database, DELETE).run(key);
    return existed;
  };
  const sweep = (limit: number, signal?: AbortSignal): Promise<number> =>
    queue.run((database) => Number(prepared(database, SWEEP).run(now(), limit).changes), signal);

  const life = startStoreLife({ name: 'The value store', sweep, release: queue.close });
  return valueStoreOf(
    {
      get: (key, signal) => queue.read((database) => get(database, key), signal),
      set: (key, value, { ttlMs, signal }) =>
        queue.run((database) => set(database, key, value, ttlMs), signal),
      delete: (key, signal) => queue.run((database) => remove(database, key), signal),
      compareAndSet: (key, expected, next, { ttlMs, signal }) =>
        queue.run((database) => {
          if (!sameBytes(get(database, key), expected)) return false;
          if (next === undefined) remove(database, key);
          else set(database, key, next, ttlMs);
          return true;
        }, signal),
      sweep,
    },
    life,
  );
};
