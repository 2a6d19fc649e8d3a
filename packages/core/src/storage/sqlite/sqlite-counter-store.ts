import { positive } from '../check-request.js';
import { type CounterOperations, counterOperations } from '../counter-operations.js';
import type { CounterStore } from '../counter-store.js';
import { counterStoreOf } from '../counter-store-of.js';
import { startStoreLife } from '../store-life.js';
import { COUNTER_TABLES, createCounterTables } from './counter-tables.js';
import { migrateTables } from './migrate.js';
import { databasePath } from './open-database.js';
import { createTransactionQueue } from './transaction-queue.js';

/** Options of {@link createSqliteCounterStore}. */
export interface SqliteCounterStoreOptions {
  /** The file, which may be that of a record store. It and its folder are created when missing. */
  readonly path: string;
  /** How long an operation may wait for a lock that another process holds, in milliseconds. Default: 5000. */
  readonly busyTimeoutMs?: number | undefined;
  /** How long a lease is remembered after its end or its settlement, in milliseconds. Default: 900000, 15 minutes. */
  readonly keepMs?: number | undefined;
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/**
 * Keeps counters in an SQLite file that many processes of one machine may use at once. Needs Node 22.13 or newer.
 *
 * A process that is killed leaves nothing half-written, and its leases return. After a power cut the last moments
 * before it may be missing.
 */
export const createSqliteCounterStore = (options: SqliteCounterStoreOptions): CounterStore => {
  const { now = Date.now, keepMs = 900_000, busyTimeoutMs = 5_000 } = options;
  positive('keepMs', keepMs);
  const tablesOn = createCounterTables();
  const queue = createTransactionQueue({
    path: databasePath(options.path),
    busyTimeoutMs: positive('busyTimeoutMs', busyTimeoutMs),
    prepare: (database) => migrateTables(database, COUNTER_TABLES, 0),
  });

  const run = <Result>(
    work: (operations: CounterOperations) => Result,
    signal: AbortSignal | undefined,
  ): Promise<Result> =>
    queue.run((database) => work(counterOperations(tablesOn(database), now, keepMs)), signal);

  // A transaction that only reads takes no lock, and sees one moment of all counters.
  const readTogether = <Result>(
    work: (operations: CounterOperations) => Result,
    signal: AbortSignal | undefined,
  ): Result | Promise<Result> =>
    queue.read((database) => {
      database.exec('BEGIN');
      try {
        return work(counterOperations(tablesOn(database), now, keepMs));
      } finally {
        database.exec('COMMIT');
      }
    }, signal);

  const sweep = (limit: number, signal?: AbortSignal): Promise<number> =>
    run((operations) => operations.sweep(limit), signal);

  const life = startStoreLife({
    name: 'The counter store',
    sweep,
    release: queue.close,
  });
  return counterStoreOf(
    {
      reserve: (limits, amount, lease) =>
        run((operations) => operations.reserve(limits, amount, lease), lease.signal),
      charge: (leaseId, amount, again, signal) =>
        run((operations) => operations.charge(leaseId, amount, again), signal),
      add: (key, amount, { ttlMs, signal }) =>
        run((operations) => operations.add(key, amount, ttlMs), signal),
      read: (keys, signal) => readTogether((operations) => operations.read(keys), signal),
      sweep,
    },
    life,
  );
};
