import { once } from '../once.js';
import { startStoreLife } from '../store-life.js';
import type { ValueStore } from '../value-store.js';
import { valueStoreOf } from '../value-store-of.js';
import { SERVER_NOW } from './counter-functions.js';
import { migratePostgres, type VersionedTables } from './migrate.js';
import { connectPostgres, type PostgresRow } from './postgres-connection.js';
import { type PostgresOptions, postgresSettings } from './postgres-options.js';

const valueTables = (table: string): VersionedTables => ({
  name: 'millrace_values',
  steps: [
    [
      `CREATE TABLE ${table} (key TEXT COLLATE "C" PRIMARY KEY, value BYTEA NOT NULL, expires_at BIGINT)`,
      `CREATE INDEX ON ${table} (expires_at) WHERE expires_at IS NOT NULL`,
    ],
  ],
});

/** Keeps values in Postgres, for processes on many machines. Needs the optional package `pg`. */
export const createPostgresValueStore = (options: PostgresOptions): ValueStore => {
  const settings = postgresSettings(options);
  const connection = connectPostgres(settings);
  const table = `"${settings.schema}".millrace_values`;
  const ready = once('The Postgres store', () =>
    migratePostgres(connection, settings.schema, valueTables(table)),
  );

  const live = `(expires_at IS NULL OR expires_at > ${SERVER_NOW})`;
  const insert = `INSERT INTO ${table} AS v (key, value, expires_at) VALUES (?, ?, ${SERVER_NOW} + ?::bigint) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;

  const run = async (
    text: string,
    values: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PostgresRow[]> => {
    await ready(signal);
    return connection.run(text, values, { signal });
  };

  // Each of these is one statement, which Postgres judges again when another process changed the row meanwhile.
  const swap = (
    key: string,
    expected: Uint8Array | undefined,
    next: Uint8Array | undefined,
    ttlMs: number | undefined,
  ): readonly [text: string, values: readonly unknown[]] => {
    if (expected === undefined) {
      return next === undefined
        ? [`SELECT 1 WHERE NOT EXISTS (SELECT FROM ${table} WHERE key = ? AND ${live})`, [key]]
        : [`${insert} WHERE v.expires_at <= ${SERVER_NOW} RETURNING 1`, [key, next, ttlMs ?? null]];
    }
    const matches = `key = ? AND value = ? AND ${live} RETURNING 1`;
    return next === undefined
      ? [`DELETE FROM ${table} WHERE ${matches}`, [key, expected]]
      : [
          `UPDATE ${table} SET value = ?, expires_at = ${SERVER_NOW} + ?::bigint WHERE ${matches}`,
          [next, ttlMs ?? null, key, expected],
        ];
  };

  const sweep = async (limit: number, signal?: AbortSignal): Promise<number> => {
    const ended = `SELECT key FROM ${table} WHERE expires_at <= ${SERVER_NOW} LIMIT ? FOR UPDATE SKIP LOCKED`;
    const rows = await run(
      `DELETE FROM ${table} WHERE key = ANY (ARRAY(${ended})) RETURNING 1`,
      [limit],
      signal,
    );
    return rows.length;
  };

  const life = startStoreLife({
    name: 'The value store',
    sweep,
    release: connection.close,
  });
  return valueStoreOf(
    {
      async get(key, signal) {
        const [row] = await run(`SELECT value FROM ${table} WHERE key = ? AND ${live}`, [key], signal);
        const [value] = row ?? [];
        return value instanceof Uint8Array ? value : undefined;
      },
      async set(key, value, { ttlMs, signal }) {
        await run(insert, [key, value, ttlMs ?? null], signal);
      },
      async delete(key, signal) {
        const [row] = await run(`DELETE FROM ${table} WHERE key = ? RETURNING ${live}`, [key], signal);
        return row?.[0] === true;
      },
      async compareAndSet(key, expected, next, { ttlMs, signal }) {
        const [text, values] = swap(key, expected, next, ttlMs);
        return (await run(text, values, signal)).length > 0;
      },
      sweep,
    },
    life,
  );
};
