import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/core/model';
import type { WriteLock } from '../store/write-lock.js';
import { makeFolder } from './durable-file.js';

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** Where to keep a lock. */
export interface FileLockOptions {
  /** A file of its own, on a disk of this machine. Nothing is written to it. */
  readonly path: string;
  /** How long to wait for another holder, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A lock between processes: an exclusive transaction on an empty SQLite file. The operating system lets go of it when
 * its holder dies, however it dies, so that no stale lock can remain.
 */
export const fileLock = ({ path: given, timeoutMs = 10_000 }: FileLockOptions): WriteLock => {
  const path = resolve(given);
  return {
    async hold(task) {
      await makeFolder(path);
      const database = open(path);
      try {
        await acquire(database, path, timeoutMs);
        return await task();
      } finally {
        database.close();
      }
    },
  };
};

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
