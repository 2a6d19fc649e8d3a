import { Worker } from 'node:worker_threads';
import type { CollectionShape } from '../collection-shape.js';
import type { RecordChange } from './collection-writer.js';
import { fromFailure, type SentFailure } from './sent-failure.js';
import { threadFlags } from './thread-flags.js';
import { COMMITTED, STOP, toSent, type WriterAnswer, type WriterRequest } from './writer-messages.js';

/** A change of a record of the collection that was opened as the `collection`-th. */
export interface WriterChange {
  readonly collection: number;
  readonly change: RecordChange;
}

/** A change that can never be written, and why. */
interface BadChange {
  readonly place: number;
  readonly cause: Error;
}

/** Writes records in a thread, a batch at a time. */
export interface Writer {
  /**
   * Resolves when the batch is committed, with what was left out of it.
   *
   * @throws the error of SQLite, or of the thread; nothing is known to be written then.
   */
  write(changes: readonly WriterChange[]): Promise<readonly BadChange[]>;
  /**
   * Nothing more is committed from here on; what is being written still may be. Once the lock of the database is free
   * it tells how many changes of the batch under way were committed, all or none. In the moment after a commit that may
   * be none yet: to write the batch again changes nothing.
   */
  stop(): { committed(): number };
  /** Ends the thread when it has written; resolves when its connection is closed, or after five seconds. */
  close(): Promise<void>;
}

// This module is an entry of the build, so that the thread's file stays beside it there too.
const file = import.meta.url.endsWith('.ts')
  ? new URL('./writer-worker.ts', import.meta.url)
  : new URL('./writer-worker.js', import.meta.url);

const CLOSE_LIMIT_MS = 5_000;

interface Waiting {
  resolve(bad: readonly BadChange[]): void;
  reject(error: Error): void;
}

/**
 * Makes a writer; its thread is started by the first batch, and again after it has failed. It keeps the process alive
 * only while it writes.
 *
 * @param collections - those that were opened; more may be added at its end.
 */
export const createWriter = (path: string, collections: readonly CollectionShape[]): Writer => {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  let thread: { readonly worker: Worker; opened: number } | undefined;
  let waiting: Waiting | undefined;
  let batch = 0;
  let batchSize = 0;

  const settle = (finish: (waiting: Waiting) => void): void => {
    const current = waiting;
    waiting = undefined;
    thread?.worker.unref();
    if (current !== undefined) finish(current);
  };

  const take = (answer: WriterAnswer): void => {
    settle(({ resolve, reject }) => {
      if ('failure' in answer) reject(fromFailure(answer.failure));
      else resolve(answer.bad.map(({ place, failure }) => ({ place, cause: fromFailure(failure) })));
    });
  };

  const start = (): { readonly worker: Worker; opened: number } => {
    const worker = new Worker(file, { workerData: { path, shared }, execArgv: threadFlags(file) });
    const started = { worker, opened: 0 };
    const end = (failure: SentFailure): void => {
      if (thread !== started) return;
      settle(({ reject }) => reject(fromFailure(failure)));
      thread = undefined;
    };
    worker.unref();
    worker.on('message', take);
    worker.on('error', (error) => end({ message: error.message, errcode: undefined }));
    worker.on('exit', () => end({ message: 'its writing thread ended', errcode: undefined }));
    return started;
  };

  const send = ({ worker }: { readonly worker: Worker }, request: WriterRequest): void =>
    worker.postMessage(request);

  return {
    write: (changes) =>
      new Promise((resolve, reject) => {
        thread ??= start();
        const current = thread;
        for (const { definition } of collections.slice(current.opened)) send(current, { open: definition });
        current.opened = collections.length;
        batch += 1;
        batchSize = changes.length;
        waiting = { resolve, reject };
        current.worker.ref();
        send(current, {
          batch,
          changes: changes.map(({ collection, change }) => toSent(collection, change)),
        });
      }),
    stop() {
      Atomics.store(shared, STOP, 1);
      return {
        committed: () => (waiting !== undefined && Atomics.load(shared, COMMITTED) === batch ? batchSize : 0),
      };
    },
    close: () =>
      new Promise((resolve) => {
        if (thread === undefined) return resolve();
        const { worker } = thread;
        const limit = setTimeout(() => {
          void worker.terminate();
          resolve();
        }, CLOSE_LIMIT_MS);
        worker.once('exit', () => {
          clearTimeout(limit);
          resolve();
        });
        worker.ref();
        send(thread, { close: true });
      }),
  };
};
