import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Statements of a connection, each prepared once. The texts are constants, so that there are few. */
export const createStatements = (): ((database: DatabaseSync, text: string) => StatementSync) => {
  const byConnection = new WeakMap<DatabaseSync, Map<string, StatementSync>>();
  return (database, text) => {
    const known = byConnection.get(database) ?? new Map<string, StatementSync>();
    byConnection.set(database, known);
    const statement = known.get(text) ?? database.prepare(text);
    known.set(text, statement);
    return statement;
  };
};
