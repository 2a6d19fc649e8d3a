import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storageError } from '../storage-error.js';
import { sqliteError, sqliteFailureKind } from './sqlite-failure.js';

const OPENING_LIMIT_MS = 5_000;
const RETRY_MS = 10;
/** Indexes and totals are written all over the file; with the 2 MB that SQLite takes they are read again and again. */
const CACHE_KIB = 16_384;
/** Pages of 4 KiB that are gathered before they go from the log into the file, each once however often it changed. */
const CHECKPOINT_PAGES = 4_000;

/** The absolute path, so that a later change of the working directory or a `file:` prefix means nothing. */
export const databasePath = (path: string): string => {
  if (path === '' || path === ':memory:') {
    throw storageError(
      'An SQLite store needs the path of a file. Use createMemoryRecordStore() to keep records in memory.',
      { retryable: false },
    );
  }
  return resolve(path);
};

// Created here rather than by SQLite, which would let everybody read it. Its side files inherit the mode.
const createFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
};

const assertFile = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw storageError(
      `The SQLite store ${path} cannot be opened: the path is a folder. Name a file in it.`,
      {
        retryable: false,
      },
    );
  }
};

const pause = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

/**
 * Runs a step of opening, again while another process holds the lock: many processes may open a new file at the
 * same moment. It blocks for `limitMs` milliseconds at most, and does so only at the start and when a table is created
 * or changed.
 */
export const withOpeningLock = <Result>(run: () => Result, limitMs: number = OPENING_LIMIT_MS): Result => {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (sqliteFailureKind(error) !== 'locked' || Date.now() >= end) throw error;
      pause(RETRY_MS);
    }
  }
};

/**
 * Opens the connection that writes. It never waits for a lock by itself (the busy timeout is 0).
 *
 * @param limitMs - How long opening may block while another process holds the lock. Default: 5000.
 * @throws MillraceError `STORAGE` when the file cannot be created or is not a database.
 */
export const openDatabase = (path: string, limitMs?: number): DatabaseSync => {
  assertFile(path);
  let database: DatabaseSync | undefined;
  try {
    createFile(path);
    const opened = new DatabaseSync(path);
    database = opened;
    withOpeningLock(() => opened.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL'), limitMs);
    opened.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    );
    return opened;
  } catch (error) {
    database?.close();
    throw sqliteError(`The SQLite store ${path} cannot be opened`, error);
  }
};
