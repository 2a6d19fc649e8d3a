import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredRow } from '../stored-value.js';
import { rollBack } from './roll-back.js';
import { sqliteFailureKind } from './sqlite-failure.js';

/** A row and the statement that stores it. */
export interface PendingRow {
  readonly collection: string;
  readonly statement: StatementSync;
  readonly values: StoredRow;
}

/** One row of a batch can never be stored; the others can. */
export interface BadRow {
  readonly badRow: number;
  readonly cause: unknown;
}

export const isBadRow = (error: unknown): error is BadRow =>
  typeof error === 'object' && error !== null && 'badRow' in error;

/**
 * Stores rows in one transaction; none of them is stored when it throws.
 *
 * @throws BadRow when one row is to blame, else the error of `node:sqlite`.
 */
export const writeRows = (database: DatabaseSync, rows: readonly PendingRow[]): void => {
  database.exec('BEGIN IMMEDIATE');
  let position = 0;
  try {
    for (const { statement, values } of rows) {
      statement.run(...values);
      position += 1;
    }
    database.exec('COMMIT');
  } catch (cause) {
    rollBack(database);
    if (position < rows.length && sqliteFailureKind(cause) === 'bad-row') {
      throw { badRow: position, cause } satisfies BadRow;
    }
    throw cause;
  }
};
