import { positive } from '../check-request.js';
import { badStorageRequest } from '../storage-error.js';
import type { PostgresPool } from './postgres-pool.js';

/** Where the database is, and how long to wait for it. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. Give this or `pool`. */
  readonly url?: string | undefined;
  /** A pool of the package `pg`, which its owner closes. Several stores can share one. */
  readonly pool?: PostgresPool | undefined;
  /** The schema of all tables, made when missing: lower-case letters, digits and `_`. Default: `millrace`. */
  readonly schema?: string | undefined;
  /** How long an operation may take, the wait for a connection included, in milliseconds. Default: 5000. */
  readonly timeoutMs?: number | undefined;
  /** How many connections to open at most; of no effect with `pool`. Default: 5. */
  readonly maxConnections?: number | undefined;
}

/** Options, checked and complete. */
export interface PostgresSettings {
  readonly url: string | undefined;
  readonly pool: PostgresPool | undefined;
  readonly schema: string;
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

const schemaName = /^[a-z_][a-z0-9_]{0,47}$/;

// The error of a failed parse holds the whole text, password included.
const isUrl = (text: string): boolean => {
  try {
    return /^postgres(ql)?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** @throws MillraceError `BAD_REQUEST` when an option cannot be right. The message holds no part of the URL. */
export const postgresSettings = (options: PostgresOptions): PostgresSettings => {
  const { url, pool, schema = 'millrace', timeoutMs = 5_000, maxConnections = 5 } = options;
  if ((url === undefined) === (pool === undefined)) {
    throw badStorageRequest('A Postgres store needs either "url" or "pool".');
  }
  if (url !== undefined && !isUrl(url)) {
    throw badStorageRequest('"url" must look like postgres://user:password@host:port/database.');
  }
  if (!schemaName.test(schema) || schema.startsWith('pg_')) {
    throw badStorageRequest('"schema" must be lower-case letters, digits and "_", and not begin with "pg_".');
  }
  return {
    url,
    pool,
    schema,
    timeoutMs: positive('timeoutMs', timeoutMs),
    maxConnections: positive('maxConnections', maxConnections),
  };
};
