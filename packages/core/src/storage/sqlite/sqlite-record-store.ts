import type { DatabaseSync } from 'node:sqlite';
import { positive } from '../check-request.js';
import { type CollectionShape, shapeOf } from '../collection-shape.js';
import { decodePage } from '../found-page.js';
import { planAggregate, planFind } from '../query-plan.js';
import type { CollectionDefinition, RecordCollection, RecordStore } from '../record-store.js';
import { getSql } from '../sql.js';
import {
  reportStorageError,
  type StorageErrorListener,
  storageError,
  storeClosedError,
  warnOnConsole,
} from '../storage-error.js';
import { decodeRow, encodeChanges, encodeRow, encodeValue, type StoredRow } from '../stored-value.js';
import { createWriteQueue } from '../write-queue.js';
import { createCollectionWriter } from './collection-writer.js';
import { migrate } from './migrate.js';
import { databasePath, openDatabase } from './open-database.js';
import type { ReadRequest, ReadResult } from './read-request.js';
import { createReaderPool } from './reader-pool.js';
import { aggregateRequest, decodeResult, findRequest } from './requests.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { sqliteError, sqliteFailures } from './sqlite-failure.js';
import { writeAtExit } from './write-at-exit.js';
import { writeRows } from './write-rows.js';
import type { Writer, WriterChange } from './writer.js';

/** Options of {@link createSqliteRecordStore}. */
export interface SqliteRecordStoreOptions {
  /** The file. It and its folder are created when missing, readable by the owner only. */
  readonly path: string;
  /**
   * Is told of writes that fail and are tried again, and of records that were lost.
   *
   * @defaultValue a warning on the console
   */
  readonly onError?: StorageErrorListener | undefined;
  /**
   * How many records may wait in memory while the file cannot be written; more are refused and counted.
   *
   * @defaultValue 100000
   */
  readonly maxPending?: number | undefined;
  /**
   * How long `flush()`, `close()` and reads wait for pending records to be written, in milliseconds.
   *
   * @defaultValue 10000
   */
  readonly flushTimeoutMs?: number | undefined;
  /**
   * How long one query may take, in milliseconds.
   *
   * @defaultValue 60000
   */
  readonly readTimeoutMs?: number | undefined;
  /**
   * How many queries may run at the same time, each in a thread of its own.
   *
   * @defaultValue 4
   */
  readonly maxReaders?: number | undefined;
}

const keyOf = (shape: CollectionShape, id: string): string => String(encodeValue(shape.primaryKey, id));

const EXIT_LOCK_WAIT_MS = 1_000;

interface Connection {
  readonly database: DatabaseSync;
  readonly forgetExit: () => void;
}

/**
 * Keeps records in an SQLite file that many processes may use at once. Needs Node 22.13 or newer.
 *
 * Records are written in a thread of its own, and a process that is killed after `flush()` loses none; after a power
 * cut the last moments before it may be missing. Queries run in threads too. The file is opened by the first
 * `collection()`.
 */
export const createSqliteRecordStore = (options: SqliteRecordStoreOptions): RecordStore => {
  const path = databasePath(options.path);
  const onError = options.onError ?? warnOnConsole;
  let connection: Connection | undefined;
  let closing: Promise<void> | undefined;

  const shapes: CollectionShape[] = [];
  let writer: Writer | undefined;

  const reportBadRow = ({ collection }: WriterChange, cause: unknown): void => {
    const what = `A record of "${shapes[collection]?.name}" was not written to ${path}`;
    reportStorageError(onError, sqliteError(what, cause));
  };

  const write = async (changes: readonly WriterChange[]): Promise<void> => {
    if (writer === undefined) {
      // Loaded when first needed, and an entry of the build of its own: see there.
      const { createWriter } = await import('./writer.js');
      writer = createWriter(path, shapes);
    }
    for (const { place, cause } of await writer.write(changes)) {
      const change = changes[place];
      if (change !== undefined) reportBadRow(change, cause);
    }
  };

  const queue = createWriteQueue<WriterChange>({
    place: path,
    onError,
    failures: sqliteFailures,
    maxPending: positive('maxPending', options.maxPending ?? 100_000),
    flushTimeoutMs: positive('flushTimeoutMs', options.flushTimeoutMs ?? 10_000),
    write,
  });
  const readers = createReaderPool({
    path,
    maxReaders: positive('maxReaders', options.maxReaders ?? 4),
    timeoutMs: positive('readTimeoutMs', options.readTimeoutMs ?? 60_000),
  });

  /** There are no more turns of the event loop, so that the thread cannot be asked. */
  const writeLastRows = (database: DatabaseSync): void => {
    const changes = queue.takeAll();
    if (changes.length === 0) return;
    const stopped = writer?.stop();
    try {
      // The thread may be writing: with the lock it is known what came of it.
      database.exec(`PRAGMA busy_timeout = ${EXIT_LOCK_WAIT_MS}; BEGIN IMMEDIATE; COMMIT`);
      const left = changes.slice(stopped?.committed() ?? 0);
      const writers = shapes.map((shape) => createCollectionWriter(database, shape));
      const rows = left.flatMap(({ collection, change }) => {
        const own = writers[collection];
        return own === undefined ? [] : [{ writer: own, change }];
      });
      writeRows(database, rows, (row, cause) =>
        reportBadRow({ collection: writers.indexOf(row.writer), change: row.change }, cause),
      );
    } catch (error) {
      reportStorageError(onError, sqliteError(`The last records were not written to ${path}`, error));
    }
  };

  const connect = (): DatabaseSync => {
    if (connection === undefined) {
      const database = openDatabase(path);
      connection = { database, forgetExit: writeAtExit(() => writeLastRows(database)) };
    }
    return connection.database;
  };

  const assertOpen = (name: string): void => {
    if (closing !== undefined) throw storeClosedError(name);
  };

  const ask = async (request: ReadRequest, signal: AbortSignal | undefined): Promise<ReadResult> => {
    await queue.flush(signal);
    return readers.read(request, signal);
  };

  const read = async (
    request: ReadRequest,
    signal: AbortSignal | undefined,
  ): Promise<readonly StoredRow[]> => {
    const result = await ask(request, signal);
    return 'rows' in result ? result.rows : [];
  };

  const openCollection = <Row extends object>(shape: CollectionShape): RecordCollection<Row> => {
    const database = connect();
    migrate(database, shape);
    const collection = shapes.push(shape) - 1;
    return {
      put(row) {
        assertOpen(shape.name);
        queue.add({ collection, change: { kind: 'put', values: encodeRow(shape, row) } });
      },
      update(id, values) {
        assertOpen(shape.name);
        const changes = encodeChanges(shape, values);
        if (changes.size > 0)
          queue.add({ collection, change: { kind: 'update', id: keyOf(shape, id), changes } });
      },
      remove(id) {
        assertOpen(shape.name);
        queue.add({ collection, change: { kind: 'remove', id: keyOf(shape, id) } });
      },
      async get(id, getOptions) {
        assertOpen(shape.name);
        const [row] = await read(getSql(sqliteDialect, shape, id), getOptions?.signal);
        return row === undefined ? undefined : decodeRow<Row>(shape, row);
      },
      async find(query) {
        assertOpen(shape.name);
        const plan = planFind(shape, query);
        return decodePage(shape, plan, await read(findRequest(shape, plan), query?.signal));
      },
      async aggregate(query) {
        assertOpen(shape.name);
        const plan = planAggregate(shape, query);
        return decodeResult(plan, await ask(aggregateRequest(shape, plan), query.signal));
      },
      async flush() {
        assertOpen(shape.name);
        await queue.flush();
      },
    };
  };

  const release = async (): Promise<void> => {
    try {
      await queue.flush();
    } catch (cause) {
      const details = { path, lost: queue.size };
      throw storageError(`${path} was closed with ${queue.size} records not written.`, { cause, details });
    } finally {
      queue.stop();
      readers.close();
      connection?.forgetExit();
      await writer?.close();
      connection?.database.close();
    }
  };

  const close = (): Promise<void> => {
    closing ??= release();
    return closing;
  };

  return {
    collection<Row extends object>(definition: CollectionDefinition) {
      assertOpen(definition.name);
      return openCollection<Row>(shapeOf(definition));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
