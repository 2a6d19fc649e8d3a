import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/core/model';

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** Runs a task while no other process does, for the same file. */
export interface WriteLock {
  /** @throws MillraceError `CONFLICT` when another holder does not let go in time. */
  hold<Result>(task: () => Promise<Result>): Promise<Result>;
}

/**
 * A lock between processes: an exclusive transaction on an empty SQLite file. The operating system lets go of it when
 * its holder dies, however it dies, so that no stale lock can remain.
 */
export const createWriteLock = (path: string, timeoutMs: number): WriteLock => ({
  async hold(task) {
    const database = open(path);
    try {
      await acquire(database, path, timeoutMs);
      return await task();
    } finally {
      database.close();
    }
  },
});

const open = (path: string): DatabaseSync => {
  try {
    const database = new DatabaseSync(path);
    chmodSync(path, 0o600);
    return database;
  } catch (cause) {
    throw new MillraceError(
      'STORAGE',
      `The lock file ${path} could not be opened: check its folder and rights.`,
      {
        cause,
      },
    );
  }
};

const acquire = async (database: DatabaseSync, path: string, timeoutMs: number): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return;
    } catch (cause) {
      if (!isBusy(cause)) {
        throw new MillraceError('STORAGE', `The lock file ${path} cannot be used.`, { cause });
      }
      if (performance.now() > deadline) {
        throw new MillraceError(
          'CONFLICT',
          `Another process has been changing ${path.replace(/\.lock$/, '')} for more than ${timeoutMs} ms. Try again, or end that process.`,
          { retryable: true },
        );
      }
      await sleep(pause * (0.5 + Math.random()));
    }
  }
};

const isBusy = (error: unknown): boolean =>
  error instanceof Error && /database is locked|busy/i.test(error.message);
