import { reportStorageError, type StorageErrorListener } from '../storage-error.js';
import { sqliteError } from './sqlite-failure.js';
import {
  failedAgain,
  isReportDue,
  retryDelay,
  type WriteFailure,
  writeFailureError,
} from './write-failure.js';
import { isBadRow, type PendingRow } from './write-rows.js';

/** What a write queue needs. */
export interface WriteQueueOptions {
  /** For messages. */
  readonly path: string;
  /** Stores rows in one transaction, or throws and stores none. */
  readonly write: (rows: readonly PendingRow[]) => void;
  /** How many rows may wait. Rows beyond it are refused, and counted in what is reported. */
  readonly maxPending: number;
  readonly flushTimeoutMs: number;
  readonly onError: StorageErrorListener;
}

/** Rows on their way to the database, in order. */
export interface WriteQueue {
  /** How many rows are not written yet. */
  readonly size: number;
  add(row: PendingRow): void;
  /**
   * Resolves when all rows added so far are written.
   *
   * @throws MillraceError `STORAGE` when the time limit passes first; the rows stay in the queue.
   */
  flush(signal?: AbortSignal): Promise<void>;
  /** Writes everything at once or throws, for the end of the process. */
  writeNow(): void;
  /** No more attempts. */
  stop(): void;
}

interface Waiter {
  /** How many rows must be through. */
  readonly target: number;
  resolve(): void;
}

/** Rows of one transaction; bounds how long one turn of the event loop can take. */
const MAX_BATCH = 500;

/** How long rows are gathered into one transaction, in milliseconds; each costs as much as some hundred rows. */
const GATHER_MS = 10;

/** One transaction for the rows of some milliseconds; after a failure, again and again with growing pauses. */
export const createWriteQueue = (options: WriteQueueOptions): WriteQueue => {
  const { path, write, maxPending, flushTimeoutMs, onError } = options;
  const waiters = new Set<Waiter>();
  let pending: PendingRow[] = [];
  let through = 0;
  let refused = 0;
  let failure: WriteFailure | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;

  const currentError = (cause: unknown) =>
    writeFailureError(path, cause, { pending: pending.length, refused });

  const unschedule = (): void => {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
  };

  const schedule = (): void => {
    if (pending.length === 0 || immediate !== undefined) return;
    if (timer !== undefined) {
      if (failure !== undefined || pending.length < MAX_BATCH) return;
      unschedule();
    }
    if (failure === undefined) {
      if (pending.length >= MAX_BATCH) immediate = setImmediate(attempt);
      else timer = setTimeout(attempt, GATHER_MS);
      return;
    }
    timer = setTimeout(attempt, retryDelay(failure, Math.random));
    // Rows that wait keep the process alive for a while, but not for ever.
    if (Date.now() - failure.since > flushTimeoutMs) timer.unref();
  };

  const letThrough = (count: number): void => {
    pending = count === pending.length ? [] : pending.slice(count);
    through += count;
    for (const waiter of waiters) if (waiter.target <= through) waiter.resolve();
  };

  const fail = (cause: unknown): void => {
    const now = Date.now();
    failure = failedAgain(failure, cause, now);
    if (!isReportDue(failure, now)) return;
    failure = { ...failure, reportedAt: now };
    reportStorageError(onError, currentError(cause));
    refused = 0;
  };

  const writeBatch = (size: number): void => {
    const batch = size < pending.length ? pending.slice(0, size) : pending;
    try {
      write(batch);
    } catch (error) {
      if (!isBadRow(error)) throw error;
      // The rows before it are written again on their own, then it is left out.
      if (error.badRow > 0) write(batch.slice(0, error.badRow));
      letThrough(error.badRow + 1);
      const what = `A record of "${batch[error.badRow]?.collection}" was not written to ${path}`;
      reportStorageError(onError, sqliteError(what, error.cause));
      return;
    }
    letThrough(batch.length);
  };

  const attempt = (): void => {
    unschedule();
    if (pending.length === 0) return;
    try {
      writeBatch(MAX_BATCH);
      failure = undefined;
    } catch (error) {
      fail(error);
    }
    schedule();
  };

  return {
    get size() {
      return pending.length;
    },
    add(row) {
      if (pending.length >= maxPending) {
        refused += 1;
        return;
      }
      pending.push(row);
      schedule();
    },
    async flush(signal) {
      signal?.throwIfAborted();
      const target = through + pending.length;
      if (failure === undefined) attempt();
      if (through >= target) return;
      await new Promise<void>((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(limit);
          signal?.removeEventListener('abort', onAbort);
          waiters.delete(waiter);
          finish();
        };
        const waiter: Waiter = { target, resolve: () => settle(resolve) };
        const onAbort = (): void => settle(() => reject(signal?.reason));
        const limit = setTimeout(() => settle(() => reject(currentError(failure?.cause))), flushTimeoutMs);
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters.add(waiter);
      });
    },
    writeNow() {
      while (pending.length > 0) writeBatch(pending.length);
    },
    stop: unschedule,
  };
};
