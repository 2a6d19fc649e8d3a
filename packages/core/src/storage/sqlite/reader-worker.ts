// Runs in a worker thread: reads the database on a connection of its own.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { StoredRow } from '../stored-value.js';
import type { ReadAnswer, ReadRequest } from './read-request.js';
import { createSegmentReader, type SegmentReader } from './segments/segment-reader.js';
import { toFailure } from './sent-failure.js';

// The reader has a thread to itself, so that it can afford to wait for a lock.
const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 16_384;
const MAX_STATEMENTS = 200;

interface Connection {
  readonly database: DatabaseSync;
  readonly segments: SegmentReader;
}

const { path } = workerData as { readonly path: string };
const statements = new Map<string, StatementSync>();
let connection: Connection | undefined;

const open = (): Connection => {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`,
  );
  return { database, segments: createSegmentReader(database) };
};

const prepare = (database: DatabaseSync, text: string): StatementSync => {
  const known = statements.get(text);
  if (known !== undefined) return known;
  if (statements.size >= MAX_STATEMENTS) statements.clear();
  const statement = database.prepare(text);
  statements.set(text, statement);
  return statement;
};

const read = ({ text, values, segments: query, find }: ReadRequest): ReadAnswer => {
  connection ??= open();
  const { database, segments } = connection;
  const table = query && segments.read(query);
  if (table !== undefined) return { table };
  const found = find && segments.find(find);
  if (found !== undefined) return { rows: found };
  const rows = prepare(database, text)
    .all(...values)
    .map((row) => Object.values(row) as StoredRow);
  return { rows };
};

parentPort?.on('message', (request: ReadRequest) => {
  try {
    parentPort?.postMessage(read(request));
  } catch (error) {
    parentPort?.postMessage({ failure: toFailure(error) } satisfies ReadAnswer);
  }
});
