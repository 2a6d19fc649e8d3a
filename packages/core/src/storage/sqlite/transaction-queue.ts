import type { DatabaseSync } from 'node:sqlite';
import { pause } from '../../internal/pause.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { openDatabase } from './open-database.js';
import { rollBack } from './roll-back.js';
import { sqliteError, sqliteFailureKind } from './sqlite-failure.js';

/** What a transaction queue needs. */
export interface TransactionQueueOptions {
  readonly path: string;
  /** How long an operation may wait for a lock that another process holds, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Makes the tables, before the first operation. Must not wait for a lock: it is called again. */
  readonly prepare: (database: DatabaseSync) => void;
}

/** Runs operations on a file that other processes use too. None of them blocks the event loop while it waits. */
export interface TransactionQueue {
  /**
   * Run in a transaction, together with what else is asked for in the same moment. Resolves when it is committed.
   *
   * @throws MillraceError `STORAGE` when the file cannot be written or the lock is not free in time; nothing is
   * written then.
   * @throws the signal's reason when it is aborted while the operation waits.
   */
  run<Result>(work: (database: DatabaseSync) => Result, signal: AbortSignal | undefined): Promise<Result>;
  /**
   * Run on the connection as it is, for a statement that only reads. A promise only while another process holds the
   * lock that opening the file takes.
   */
  read<Result>(
    work: (database: DatabaseSync) => Result,
    signal: AbortSignal | undefined,
  ): Result | Promise<Result>;
  /** Operations that wait are rejected with `CLOSED`. */
  close(): void;
}

interface Job {
  /** Does the work; returns how to report its result once that is committed. */
  run(database: DatabaseSync): () => void;
  reject(error: unknown): void;
}

/** Operations of one transaction; bounds how long one turn of the event loop can take. */
const MAX_BATCH = 100;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/** Milliseconds to wait for a lock, after so many attempts to get it. */
const pauseAfter = (attempts: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10), LONGEST_PAUSE_MS) * Math.random();

export const createTransactionQueue = (options: TransactionQueueOptions): TransactionQueue => {
  const { path, busyTimeoutMs, prepare } = options;
  let database: DatabaseSync | undefined;
  let jobs: Job[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failedSince: number | undefined;
  let attempts = 0;
  const closing = new AbortController();

  const connect = (): DatabaseSync => {
    if (database !== undefined) return database;
    const opened = openDatabase(path, 0);
    try {
      prepare(opened);
    } catch (error) {
      opened.close();
      throw error;
    }
    database = opened;
    return opened;
  };

  // The lock is waited for without blocking: processes that wait ask for it at different moments.
  const tryLater = (): void => {
    timer = setTimeout(attempt, pauseAfter(attempts));
    attempts += 1;
  };

  const closed = (): MillraceError => new MillraceError('CLOSED', `The SQLite store ${path} was closed.`);

  const schedule = (): void => {
    if (jobs.length === 0 || immediate !== undefined || timer !== undefined) return;
    immediate = setImmediate(attempt);
  };

  const take = (): readonly Job[] => {
    const batch = jobs.slice(0, MAX_BATCH);
    jobs = jobs.slice(MAX_BATCH);
    return batch;
  };

  const rejectAll = (batch: readonly Job[], error: unknown): void => {
    const failure = sqliteError(`The SQLite store ${path} cannot be written`, error);
    for (const job of batch) job.reject(failure);
  };

  const begin = (): DatabaseSync | 'locked' => {
    try {
      const opened = connect();
      opened.exec('BEGIN IMMEDIATE');
      return opened;
    } catch (error) {
      const since = failedSince ?? Date.now();
      if (sqliteFailureKind(error) !== 'locked' || Date.now() - since >= busyTimeoutMs) throw error;
      failedSince = since;
      return 'locked';
    }
  };

  /** For those who only read: they need no transaction, but a file that is open. */
  const opening = async (signal: AbortSignal | undefined): Promise<DatabaseSync> => {
    const end = Date.now() + busyTimeoutMs;
    const stop = AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal]);
    for (let count = 0; ; count += 1) {
      await pause(pauseAfter(count), stop);
      try {
        return connect();
      } catch (error) {
        if (sqliteFailureKind(error) !== 'locked' || Date.now() >= end) throw error;
      }
    }
  };

  // One operation that breaks a rule of ours fails alone, before it writes; a failure of SQLite fails all of them.
  const perform = (opened: DatabaseSync, batch: readonly Job[]): readonly (() => void)[] => {
    try {
      const reports = batch.map((job) => {
        try {
          return job.run(opened);
        } catch (error) {
          if (!MillraceError.isInstance(error)) throw error;
          return () => job.reject(error);
        }
      });
      opened.exec('COMMIT');
      return reports;
    } catch (error) {
      rollBack(opened);
      throw error;
    }
  };

  const attempt = (): void => {
    immediate = undefined;
    timer = undefined;
    if (jobs.length === 0) return;
    let batch: readonly Job[] | undefined;
    try {
      const begun = begin();
      if (begun === 'locked') {
        tryLater();
        return;
      }
      batch = take();
      for (const report of perform(begun, batch)) report();
    } catch (error) {
      rejectAll(batch ?? take(), error);
    }
    failedSince = undefined;
    attempts = 0;
    schedule();
  };

  return {
    run: (work, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => signal?.removeEventListener('abort', onAbort);
        const job: Job = {
          run(opened) {
            const result = work(opened);
            return () => {
              stop();
              resolve(result);
            };
          },
          reject(error) {
            stop();
            reject(error);
          },
        };
        const onAbort = (): void => {
          jobs = jobs.filter((one) => one !== job);
          job.reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        jobs.push(job);
        schedule();
      }),
    read(work, signal) {
      const run = (opened: DatabaseSync): ReturnType<typeof work> => {
        try {
          return work(opened);
        } catch (error) {
          throw sqliteError(`The SQLite store ${path} cannot be read`, error);
        }
      };
      try {
        return run(connect());
      } catch (error) {
        if (database !== undefined || sqliteFailureKind(error) !== 'locked') throw error;
        return opening(signal).then(run);
      }
    },
    close() {
      closing.abort(closed());
      clearImmediate(immediate);
      clearTimeout(timer);
      const waiting = jobs;
      jobs = [];
      for (const job of waiting) job.reject(closed());
      database?.close();
      database = undefined;
    },
  };
};
