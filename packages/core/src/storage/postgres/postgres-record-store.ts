import { aggregateSql, decodeAggregate } from '../aggregate-sql.js';
import { positive } from '../check-request.js';
import { type CollectionShape, shapeOf } from '../collection-shape.js';
import { decodePage } from '../found-page.js';
import { once } from '../once.js';
import { planAggregate, planFind } from '../query-plan.js';
import type { CollectionDefinition, RecordCollection, RecordStore } from '../record-store.js';
import { findSql, getSql, migrationSqlTexts } from '../sql.js';
import type { Sql } from '../statement.js';
import {
  reportStorageError,
  type StorageErrorListener,
  storageError,
  storeClosedError,
  warnOnConsole,
} from '../storage-error.js';
import { decodeRow, encodeChanges, encodeRow, encodeValue, type StoredRow } from '../stored-value.js';
import { createWriteQueue } from '../write-queue.js';
import { migratePostgres } from './migrate.js';
import { connectPostgres } from './postgres-connection.js';
import { postgresDialect } from './postgres-dialect.js';
import { postgresError, postgresFailures, postgresReason } from './postgres-failure.js';
import { type PostgresOptions, postgresSettings } from './postgres-options.js';
import { type PendingRow, writeRows } from './write-rows.js';

/** Options of {@link createPostgresRecordStore}. */
export interface PostgresRecordStoreOptions extends PostgresOptions {
  /** Is told of writes that fail and are tried again, and of records that were lost. Default: a warning on the console. */
  readonly onError?: StorageErrorListener | undefined;
  /** How many records may wait in memory while the server cannot be reached; more are refused. Default: 100000. */
  readonly maxPending?: number | undefined;
  /** How long `flush()`, `close()` and reads wait for pending records to be written, in milliseconds. Default: 10000. */
  readonly flushTimeoutMs?: number | undefined;
  /** How long one query may take, in milliseconds. Default: 60000. */
  readonly readTimeoutMs?: number | undefined;
}

const PLACE = 'Postgres';

const keyOf = (shape: CollectionShape, id: string): string => String(encodeValue(shape.primaryKey, id));

/** Resolves when a collection is open. */
type Ready = (signal?: AbortSignal) => Promise<void>;

/**
 * Keeps records in Postgres. Needs the optional package `pg`.
 *
 * A collection is made, or brought to its version, in the background: what is wrong with it is thrown by the first
 * `flush()` or read. Records are written in the background too; call `flush()` or `close()` before the process ends.
 */
export const createPostgresRecordStore = (options: PostgresRecordStoreOptions): RecordStore => {
  const settings = postgresSettings(options);
  const onError = options.onError ?? warnOnConsole;
  const readTimeoutMs = positive('readTimeoutMs', options.readTimeoutMs ?? 60_000);
  const connection = connectPostgres(settings);
  const dialect = postgresDialect(settings.schema);
  const opened = new Map<string, Map<number, Ready>>();
  let closing: Promise<void> | undefined;

  const report = ({ shape }: PendingRow, cause: unknown): void => {
    const what = `A record of "${shape.name}" was not written to Postgres: ${postgresReason(cause)}.`;
    reportStorageError(onError, storageError(what, { cause, retryable: false }));
  };

  // Versions of a collection are opened in the order of asking: an earlier one would refuse the data of a later one.
  const readyOf = (shape: CollectionShape): Ready => {
    const versions = opened.get(shape.name) ?? new Map<number, Ready>();
    opened.set(shape.name, versions);
    const known = versions.get(shape.version);
    if (known !== undefined) return known;
    const before = [...versions.values()].at(-1);
    const steps = shape.definition.migrations.map((_, index) => migrationSqlTexts(dialect, shape, index + 1));
    const ready = once('The Postgres store', async () => {
      await before?.().catch(() => undefined);
      await migratePostgres(connection, settings.schema, { name: shape.name, steps });
    });
    versions.set(shape.version, ready);
    return ready;
  };

  /** Rows whose collection can be written to; those whose collection never can are reported and left out. */
  const writable = async (rows: readonly PendingRow[]): Promise<readonly PendingRow[]> => {
    const refused = new Map<CollectionShape, unknown>();
    for (const shape of new Set(rows.map((row) => row.shape))) {
      try {
        await readyOf(shape)();
      } catch (error) {
        const failure = postgresError(PLACE, error);
        if (failure.retryable) throw failure;
        refused.set(shape, failure);
      }
    }
    if (refused.size === 0) return rows;
    for (const row of rows) if (refused.has(row.shape)) report(row, refused.get(row.shape));
    return rows.filter((row) => !refused.has(row.shape));
  };

  const queue = createWriteQueue<PendingRow>({
    place: PLACE,
    onError,
    failures: postgresFailures,
    maxPending: positive('maxPending', options.maxPending ?? 100_000),
    flushTimeoutMs: positive('flushTimeoutMs', options.flushTimeoutMs ?? 10_000),
    write: async (rows) => writeRows(connection, dialect, await writable(rows), report),
  });

  const assertOpen = (name: string): void => {
    if (closing !== undefined) throw storeClosedError(name);
  };

  const read = async (
    shape: CollectionShape,
    { text, values }: Sql,
    signal: AbortSignal | undefined,
  ): Promise<readonly StoredRow[]> => {
    signal?.throwIfAborted();
    await readyOf(shape)(signal);
    await queue.flush(signal);
    const rows = await connection.run(text, values, { signal, timeoutMs: readTimeoutMs });
    return rows as readonly StoredRow[];
  };

  const collectionOf = <Row extends object>(shape: CollectionShape): RecordCollection<Row> => {
    return {
      put(row) {
        assertOpen(shape.name);
        const values = encodeRow(shape, row);
        queue.add({ shape, id: String(values[shape.primaryKey.index]), change: { kind: 'put', values } });
      },
      update(id, values) {
        assertOpen(shape.name);
        const changes = encodeChanges(shape, values);
        if (changes.size === 0) return;
        queue.add({ shape, id: keyOf(shape, id), change: { kind: 'update', changes } });
      },
      remove(id) {
        assertOpen(shape.name);
        queue.add({ shape, id: keyOf(shape, id), change: { kind: 'remove' } });
      },
      async get(id, getOptions) {
        assertOpen(shape.name);
        const [row] = await read(shape, getSql(dialect, shape, id), getOptions?.signal);
        return row === undefined ? undefined : decodeRow<Row>(shape, row);
      },
      async find(query) {
        assertOpen(shape.name);
        const plan = planFind(shape, query);
        return decodePage<Row>(shape, plan, await read(shape, findSql(dialect, shape, plan), query?.signal));
      },
      async aggregate(query) {
        assertOpen(shape.name);
        const plan = planAggregate(shape, query);
        return decodeAggregate(plan, await read(shape, aggregateSql(dialect, shape, plan), query.signal));
      },
      async flush() {
        assertOpen(shape.name);
        await readyOf(shape)();
        await queue.flush();
      },
    };
  };

  const release = async (): Promise<void> => {
    try {
      await queue.flush();
    } catch (cause) {
      const lost = queue.size;
      throw storageError(`${PLACE} was closed with ${lost} records not written.`, {
        cause,
        details: { lost },
      });
    } finally {
      queue.stop();
      await connection.close();
    }
  };

  const close = (): Promise<void> => {
    closing ??= release();
    return closing;
  };

  return {
    collection<Row extends object>(definition: CollectionDefinition) {
      assertOpen(definition.name);
      const shape = shapeOf(definition);
      // Begun now, so that the first call need not wait; whoever needs it hears of a failure.
      readyOf(shape)().catch(() => undefined);
      return collectionOf<Row>(shape);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
