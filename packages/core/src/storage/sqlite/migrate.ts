import type { DatabaseSync } from 'node:sqlite';
import type { CollectionShape } from '../collection-shape.js';
import { newerVersionError } from '../storage-error.js';
import { withOpeningLock } from './open-database.js';
import { rollBack } from './roll-back.js';
import { migrationSqlTexts } from './sql.js';
import { sqliteError } from './sqlite-failure.js';

const versionOf = (database: DatabaseSync, name: string): number => {
  const row = database.prepare('SELECT version FROM millrace_migrations WHERE collection = ?').get(name);
  return Number(row?.['version'] ?? 0);
};

const hasVersionTable = (database: DatabaseSync): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'millrace_migrations'").get() !== undefined;

const isUpToDate = (database: DatabaseSync, shape: CollectionShape): boolean => {
  const stored = hasVersionTable(database) ? versionOf(database, shape.name) : 0;
  if (stored > shape.version) throw newerVersionError(shape.name, stored, shape.version);
  return stored === shape.version;
};

const applySteps = (database: DatabaseSync, shape: CollectionShape): void => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS millrace_migrations (collection TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL)',
  );
  // Another process may have been faster; the lock is ours now, so this is the truth.
  if (isUpToDate(database, shape)) return;
  for (let step = versionOf(database, shape.name) + 1; step <= shape.version; step += 1) {
    for (const text of migrationSqlTexts(shape, step)) database.exec(text);
  }
  database
    .prepare(
      'INSERT INTO millrace_migrations (collection, version) VALUES (?, ?) ON CONFLICT (collection) DO UPDATE SET version = excluded.version',
    )
    .run(shape.name, shape.version);
};

/**
 * Brings a collection to the version of its definition, in one transaction. Takes the write lock only if there is
 * something to do.
 *
 * @throws MillraceError `STORAGE` when the stored version is newer, or a step fails; nothing is changed then.
 */
export const migrate = (database: DatabaseSync, shape: CollectionShape): void => {
  try {
    if (withOpeningLock(() => isUpToDate(database, shape))) return;
    withOpeningLock(() => database.exec('BEGIN IMMEDIATE'));
    try {
      applySteps(database, shape);
      database.exec('COMMIT');
    } catch (error) {
      rollBack(database);
      throw error;
    }
  } catch (error) {
    throw sqliteError(`The collection "${shape.name}" cannot be brought to version ${shape.version}`, error);
  }
};
