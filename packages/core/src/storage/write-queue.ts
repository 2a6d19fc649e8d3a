import { isPromise } from '../internal/is-promise.js';
import type { FailureReader } from './failure-kind.js';
import { reportStorageError, type StorageErrorListener } from './storage-error.js';
import {
  failedAgain,
  isReportDue,
  retryDelay,
  type WriteFailure,
  writeFailureError,
} from './write-failure.js';

/** What a write queue needs. */
export interface WriteQueueOptions<Row> {
  /** The store's name in messages. */
  readonly place: string;
  /**
   * Stores rows, or throws and is handed them again later. A row that can never be stored is its affair to report and
   * leave out.
   */
  readonly write: (rows: readonly Row[]) => void | Promise<void>;
  readonly failures: FailureReader;
  /** How many rows may wait. Rows beyond it are refused, and counted in what is reported. */
  readonly maxPending: number;
  readonly flushTimeoutMs: number;
  readonly onError: StorageErrorListener;
}

/** Rows on their way to the database, in order. */
export interface WriteQueue<Row> {
  /** How many rows are not written yet. */
  readonly size: number;
  add(row: Row): void;
  /**
   * Resolves when all rows added so far are written.
   *
   * @throws MillraceError `STORAGE` when the time limit passes first; the rows stay in the queue.
   */
  flush(signal?: AbortSignal): Promise<void>;
  /** Takes out everything that waits, for the end of the process. */
  takeAll(): readonly Row[];
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
export const createWriteQueue = <Row>(options: WriteQueueOptions<Row>): WriteQueue<Row> => {
  const { place, write, failures, maxPending, flushTimeoutMs, onError } = options;
  const waiters = new Set<Waiter>();
  let pending: Row[] = [];
  let writing = false;
  let through = 0;
  let refused = 0;
  let failure: WriteFailure | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;

  const currentError = (cause: unknown) => {
    const reason = cause === undefined ? 'it took too long' : failures.reason(cause);
    return writeFailureError(place, { reason, cause }, { pending: pending.length, refused });
  };

  const unschedule = (): void => {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
  };

  const schedule = (): void => {
    if (writing || pending.length === 0 || immediate !== undefined) return;
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
    failure = failedAgain(failure, cause, failures.kind(cause), now);
    if (!isReportDue(failure, now)) return;
    failure = { ...failure, reportedAt: now };
    reportStorageError(onError, currentError(cause));
    refused = 0;
  };

  const finish = (count: number): void => {
    writing = false;
    failure = undefined;
    letThrough(count);
    schedule();
  };

  const giveUp = (error: unknown): void => {
    writing = false;
    fail(error);
    schedule();
  };

  // A write that is no promise is done when it returns, so that a flush need not wait for a turn of the event loop.
  const attempt = (): void => {
    unschedule();
    if (writing || pending.length === 0) return;
    const batch = pending.slice(0, MAX_BATCH);
    writing = true;
    try {
      const written = write(batch);
      if (isPromise(written)) void written.then(() => finish(batch.length), giveUp);
      else finish(batch.length);
    } catch (error) {
      giveUp(error);
    }
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
    takeAll() {
      const rows = pending;
      pending = [];
      return rows;
    },
    stop: unschedule,
  };
};
