// Runs in a worker thread: reads the database on a connection of its own. Imports nothing of ours, because Node
// runs this file as it is, both from the source and from the build.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

interface ReadRequest {
  readonly text: string;
  readonly values: readonly (string | number | null)[];
}

// The reader has a thread to itself, so that it can afford to wait for a lock.
const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 16_384;
const MAX_STATEMENTS = 200;

const { path } = workerData as { readonly path: string };
const statements = new Map<string, StatementSync>();
let database: DatabaseSync | undefined;

const open = (): DatabaseSync => {
  const opened = new DatabaseSync(path, { readOnly: true });
  opened.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`,
  );
  return opened;
};

const prepare = (text: string): StatementSync => {
  const known = statements.get(text);
  if (known !== undefined) return known;
  if (statements.size >= MAX_STATEMENTS) statements.clear();
  database ??= open();
  const statement = database.prepare(text);
  statements.set(text, statement);
  return statement;
};

parentPort?.on('message', ({ text, values }: ReadRequest) => {
  try {
    const rows = prepare(text)
      .all(...values)
      .map((row) => Object.values(row));
    parentPort?.postMessage({ rows });
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: number };
    parentPort?.postMessage({ failure: { message, errcode } });
  }
});
