import { Worker } from 'node:worker_threads';
import type { ReadAnswer, ReadRequest, ReadResult } from './read-request.js';
import { fromFailure } from './sent-failure.js';
import { sqliteError } from './sqlite-failure.js';
import { threadFlags } from './thread-flags.js';

/** A thread that reads the database, one statement at a time. */
export interface Reader {
  /** False once the thread failed, ended or was stopped. */
  readonly alive: boolean;
  /** Rejects with `STORAGE` when the statement or the thread fails. */
  read(request: ReadRequest): Promise<ReadResult>;
  /** Ends the thread. A statement that runs is given up at once; the thread itself may take until it is done. */
  stop(): void;
  /** Resolves when the thread is gone, for whatever reason. */
  readonly gone: Promise<void>;
}

interface Waiting {
  resolve(result: ReadResult): void;
  reject(error: unknown): void;
}

// This module is an entry of the build, so that the worker stays beside it there too.
const workerUrl = import.meta.url.endsWith('.ts')
  ? new URL('./reader-worker.ts', import.meta.url)
  : new URL('./reader-worker.js', import.meta.url);

const readFailed = (path: string, cause: unknown) =>
  sqliteError(`The SQLite store ${path} cannot be read`, cause);

/** Starts a thread. It keeps the process alive only while it reads. */
export const startReader = (path: string): Reader => {
  const worker = new Worker(workerUrl, { workerData: { path }, execArgv: threadFlags(workerUrl) });
  let waiting: Waiting | undefined;
  let alive = true;

  const settle = (finish: (waiting: Waiting) => void): void => {
    const current = waiting;
    waiting = undefined;
    worker.unref();
    if (current !== undefined) finish(current);
  };

  worker.unref();
  worker.on('message', (answer: ReadAnswer) => {
    settle(({ resolve, reject }) => {
      if (!('failure' in answer)) resolve(answer);
      else reject(readFailed(path, fromFailure(answer.failure)));
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
    read: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        worker.ref();
        worker.postMessage(request);
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
