import type { DatabaseSync } from 'node:sqlite';

/** Ends a transaction that failed, or that only read. */
export const rollBack = (database: DatabaseSync): void => {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite rolls back by itself after some failures, and then there is nothing left to roll back.
  }
};
