import { Worker } from 'node:worker_threads';
import type { Sql } from '../statement.js';
import type { StoredRow } from '../stored-value.js';
import { sqliteError } from './sqlite-failure.js';

/** A thread that reads the database, one statement at a time. */
export interface Reader {
  /** False once the thread failed, ended or was stopped. */
  readonly alive: boolean;
  /** Rejects with `STORAGE` when the statement or the thread fails. */
  read(sql: Sql): Promise<readonly StoredRow[]>;
  /** Ends the thread. A statement that runs is given up at once; the thread itself may take until it is done. */
  stop(): void;
  /** Resolves when the thread is gone, for whatever reason. */
  readonly gone: Promise<void>;
}

type Answer = { readonly rows: readonly StoredRow[] } | { readonly failure: object };

interface Waiting {
  resolve(rows: readonly StoredRow[]): void;
  reject(error: unknown): void;
}

// This module is an entry of the build, so that the worker stays beside it there too.
const workerUrl = import.meta.url.endsWith('.ts')
  ? new URL('./reader-worker.ts', import.meta.url)
  : new URL('./reader-worker.js', import.meta.url);

// Loaders and instrumentation of the host have no business in this thread.
const inheritedFlags = (): string[] =>
  process.execArgv.filter((flag) => flag.startsWith('--disable-warning') || flag === '--no-warnings');

const readFailed = (path: string, cause: unknown) =>
  sqliteError(`The SQLite store ${path} cannot be read`, cause);

/** Starts a thread. It keeps the process alive only while it reads. */
export const startReader = (path: string): Reader => {
  const worker = new Worker(workerUrl, { workerData: { path }, execArgv: inheritedFlags() });
  let waiting: Waiting | undefined;
  let alive = true;

  const settle = (finish: (waiting: Waiting) => void): void => {
    const current = waiting;
    waiting = undefined;
    worker.unref();
    if (current !== undefined) finish(current);
  };

  worker.unref();
  worker.on('message', (answer: Answer) => {
    settle(({ resolve, reject }) => {
      if ('rows' in answer) resolve(answer.rows);
      else reject(readFailed(path, Object.assign(new Error('The query failed'), answer.failure)));
    });
  });
  const end = (cause: unknown): void => {
    alive = false;
    settle(({ reject }) => reject(readFailed(path, cause)));
  };
  worker.on('error', end);
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      end(new Error('its reader thread ended'));
      resolve();
    });
  });

  return {
    read: ({ text, values }) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        worker.ref();
        worker.postMessage({ text, values });
      }),
    stop() {
      end(new Error('its reader thread was stopped'));
      void worker.terminate();
    },
    get alive() {
      return alive;
    },
    gone,
  };
};
