import type * as Pg from 'pg';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { withinLimit } from '../operation-limit.js';
import { postgresError } from './postgres-failure.js';
import type { PostgresSettings } from './postgres-options.js';
import type { PostgresClient, PostgresPool, PostgresQuery } from './postgres-pool.js';

/** A row: one value a column. */
export type PostgresRow = readonly (string | number | boolean | Uint8Array | null)[];

/** Runs one statement of a transaction. */
export type RunStatement = (text: string, values?: readonly unknown[]) => Promise<readonly PostgresRow[]>;

/** How long a statement may take, and whether it can be cancelled. */
interface StatementLimit {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A database. Connections are made when they are needed, and again when they were lost. */
export interface PostgresConnection {
  /** @throws MillraceError `STORAGE` when it fails; it may have been done if the connection was lost meanwhile. */
  run(text: string, values: readonly unknown[], limit?: StatementLimit): Promise<readonly PostgresRow[]>;
  /** Everything or nothing. */
  transaction<Result>(work: (run: RunStatement) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const PLACE = 'The Postgres store';

const asNumber = (text: string): number => Number(text);
const asBytes = (text: string): Uint8Array => Buffer.from(text.slice(2), 'hex');
const asIs = (text: string): string => text;
// Object ids of Postgres types: int8, int2, int4, float4, float8, numeric; bytea; bool.
const parsers = new Map<number, (text: string) => unknown>([
  ...[20, 21, 23, 700, 701, 1700].map((id) => [id, asNumber] as const),
  [17, asBytes],
  [16, (text) => text === 't'],
]);
const types: PostgresQuery['types'] = { getTypeParser: (id) => parsers.get(id) ?? asIs };

const load = async (): Promise<Pick<typeof Pg, 'Pool'>> => {
  try {
    const { default: pg } = await import('pg');
    return pg;
  } catch (cause) {
    throw new MillraceError(
      'MISSING_PACKAGE',
      'The package "pg" is needed for Postgres. Run: npm install pg',
      { cause },
    );
  }
};

interface OpenPool {
  readonly pool: PostgresPool;
  readonly end: () => Promise<void>;
}

const openPool = async (settings: PostgresSettings): Promise<OpenPool> => {
  if (settings.pool !== undefined) return { pool: settings.pool, end: async () => undefined };
  const { Pool } = await load();
  const pool = new Pool({
    connectionString: settings.url,
    max: settings.maxConnections,
    connectionTimeoutMillis: settings.timeoutMs,
    allowExitOnIdle: true,
  });
  // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return { pool, end: () => pool.end() };
};

/** Placeholders are `?` in our SQL and numbered in that of Postgres. */
const numbered = (text: string): string => {
  let count = 0;
  return text.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
};

const ignore = (): void => undefined;

export const connectPostgres = (settings: PostgresSettings): PostgresConnection => {
  let opening: Promise<OpenPool> | undefined;

  const pool = async (): Promise<PostgresPool> => {
    opening ??= openPool(settings);
    return (await opening).pool;
  };

  const statement = (text: string, values: readonly unknown[], timeoutMs: number): PostgresQuery => ({
    text: numbered(text),
    values: [...values],
    rowMode: 'array',
    types,
    query_timeout: timeoutMs,
  });

  const runOnce = async (query: PostgresQuery): Promise<readonly PostgresRow[]> => {
    try {
      return (await (await pool()).query(query)).rows as readonly PostgresRow[];
    } catch (error) {
      throw postgresError(`${PLACE} failed`, error);
    }
  };

  // A connection that comes after its time goes back at once.
  const acquire = async (): Promise<PostgresClient> => {
    const connecting = (await pool()).connect();
    try {
      return await withinLimit(connecting, {
        timeoutMs: settings.timeoutMs,
        place: PLACE,
        signal: undefined,
      });
    } catch (error) {
      connecting.then((client) => client.release(), ignore);
      throw error;
    }
  };

  const inTransaction = async <Result>(work: (run: RunStatement) => Promise<Result>): Promise<Result> => {
    const client = await acquire();
    let broken = true;
    client.on('error', ignore);
    const run: RunStatement = async (text, values = []) =>
      (await client.query(statement(text, values, settings.timeoutMs))).rows as readonly PostgresRow[];
    try {
      await run('BEGIN ISOLATION LEVEL READ COMMITTED');
      const result = await work(run);
      await run('COMMIT');
      broken = false;
      return result;
    } finally {
      client.removeListener('error', ignore);
      // Postgres rolls back what a connection left open, also when the connection itself is the trouble.
      client.release(broken);
    }
  };

  return {
    async run(text, values, { signal, timeoutMs = settings.timeoutMs } = {}) {
      signal?.throwIfAborted();
      const query = statement(text, values, timeoutMs);
      return withinLimit(runOnce(query), { timeoutMs, place: PLACE, signal });
    },
    async transaction(work) {
      try {
        return await inTransaction(work);
      } catch (error) {
        throw postgresError(`${PLACE} failed`, error);
      }
    },
    async close() {
      const opened = await opening?.catch(() => undefined);
      await opened?.end();
    },
  };
};
