import type { DatabaseSync } from 'node:sqlite';
import type { CollectionShape } from '../collection-shape.js';
import { migrationSqlTexts } from '../sql.js';
import { newerVersionError } from '../storage-error.js';
import { createCollectionWriter } from './collection-writer.js';
import { withOpeningLock } from './open-database.js';
import { rollBack } from './roll-back.js';
import { createTableText } from './roll-up-tables.js';
import { segmentTableTexts } from './segments/segment-tables.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { sqliteError } from './sqlite-failure.js';

/** A part of a database with a version of its own: the tables of a store, or a collection. */
export interface VersionedTables {
  readonly name: string;
  /** The statements of each step. Its number, counted from 1, is the version that it leads to. */
  readonly steps: readonly (readonly string[])[];
  /** Runs after the steps, in their transaction, where there was an earlier version. */
  readonly fill?: ((earlier: number) => void) | undefined;
}

const versionOf = (database: DatabaseSync, name: string): number => {
  const row = database.prepare('SELECT version FROM millrace_migrations WHERE collection = ?').get(name);
  return Number(row?.['version'] ?? 0);
};

const hasVersionTable = (database: DatabaseSync): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'millrace_migrations'").get() !== undefined;

const isUpToDate = (database: DatabaseSync, { name, steps }: VersionedTables): boolean => {
  const stored = hasVersionTable(database) ? versionOf(database, name) : 0;
  if (stored > steps.length) throw newerVersionError(name, stored, steps.length);
  return stored === steps.length;
};

const applySteps = (database: DatabaseSync, tables: VersionedTables): void => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS millrace_migrations (collection TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL)',
  );
  // Another process may have been faster; the lock is ours now, so this is the truth.
  if (isUpToDate(database, tables)) return;
  const { name, steps, fill } = tables;
  const earlier = versionOf(database, name);
  for (const texts of steps.slice(earlier)) {
    for (const text of texts) database.exec(text);
  }
  if (earlier > 0) fill?.(earlier);
  database
    .prepare(
      'INSERT INTO millrace_migrations (collection, version) VALUES (?, ?) ON CONFLICT (collection) DO UPDATE SET version = excluded.version',
    )
    .run(name, steps.length);
};

/**
 * Brings tables to their newest version, in one transaction. Takes the write lock only if there is something to do.
 *
 * @param limitMs - How long to block while another process holds the lock. Default: 5000.
 * @throws MillraceError `STORAGE` when the stored version is newer, or a step fails; nothing is changed then.
 */
export const migrateTables = (database: DatabaseSync, tables: VersionedTables, limitMs?: number): void => {
  try {
    if (withOpeningLock(() => isUpToDate(database, tables), limitMs)) return;
    withOpeningLock(() => database.exec('BEGIN IMMEDIATE'), limitMs);
    try {
      applySteps(database, tables);
      database.exec('COMMIT');
    } catch (error) {
      rollBack(database);
      throw error;
    }
  } catch (error) {
    const what = `The collection "${tables.name}" cannot be brought to version ${tables.steps.length}`;
    throw sqliteError(what, error);
  }
};

/**
 * Brings a collection to the version of its definition, as {@link migrateTables} does. Roll-ups that are new count the
 * records that are there, which takes about half a minute for a million of them.
 */
export const migrate = (database: DatabaseSync, shape: CollectionShape): void => {
  const steps = shape.definition.migrations.map((_, index) => [
    ...migrationSqlTexts(sqliteDialect, shape, index + 1),
    ...shape.rollUps.filter(({ step }) => step === index + 1).map((rollUp) => createTableText(shape, rollUp)),
    ...(shape.segments?.step === index + 1 ? segmentTableTexts(shape) : []),
  ]);
  const fill = (earlier: number): void => createCollectionWriter(database, shape).countAll(earlier);
  migrateTables(database, { name: shape.name, steps, fill });
};
