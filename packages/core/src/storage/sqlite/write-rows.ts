import type { DatabaseSync } from 'node:sqlite';
import type { CollectionWriter, RecordChange } from './collection-writer.js';
import { rollBack } from './roll-back.js';
import { sqliteFailureKind } from './sqlite-failure.js';

/** What is to be done with one record, and by whom. */
export interface PendingRow {
  readonly writer: CollectionWriter;
  readonly change: RecordChange;
}

/** One row of a batch can never be stored; the others can. */
interface BadRow {
  readonly badRow: number;
  readonly cause: unknown;
}

const isBadRow = (error: unknown): error is BadRow =>
  typeof error === 'object' && error !== null && 'badRow' in error;

/**
 * Stores rows in one transaction; none of them is stored when it throws.
 *
 * @throws BadRow when one row is to blame, else the error of `node:sqlite`.
 */
const writeTogether = (
  database: DatabaseSync,
  rows: readonly PendingRow[],
  mayCommit: () => boolean,
): void => {
  database.exec('BEGIN IMMEDIATE');
  let position = 0;
  const writers = new Set(rows.map(({ writer }) => writer));
  try {
    for (const { writer, change } of rows) {
      writer.write(change);
      position += 1;
    }
    for (const writer of writers) writer.finish();
    if (!mayCommit()) throw new Error('the writing was stopped');
    database.exec('COMMIT');
  } catch (cause) {
    rollBack(database);
    for (const writer of writers) writer.discard();
    if (position < rows.length && sqliteFailureKind(cause) === 'bad-row') {
      throw { badRow: position, cause } satisfies BadRow;
    }
    throw cause;
  }
};

/**
 * Stores rows, in one transaction unless one of them can never be stored: that one is reported and left out, and the
 * rows before and after it have transactions of their own.
 *
 * @param mayCommit - asked while the lock is held; with a no, nothing is stored
 * @throws the error of `node:sqlite`; the rows that are not stored then, or all, can be stored again.
 */
export const writeRows = (
  database: DatabaseSync,
  rows: readonly PendingRow[],
  reportBadRow: (row: PendingRow, cause: unknown) => void,
  mayCommit: () => boolean = () => true,
): void => {
  let rest = rows;
  while (rest.length > 0) {
    try {
      writeTogether(database, rest, mayCommit);
      return;
    } catch (error) {
      if (!isBadRow(error)) throw error;
      const bad = rest[error.badRow];
      if (error.badRow > 0) writeTogether(database, rest.slice(0, error.badRow), mayCommit);
      if (bad !== undefined) reportBadRow(bad, error.cause);
      rest = rest.slice(error.badRow + 1);
    }
  }
};
