import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type CollectionShape, shapeOf } from '../collection-shape.js';
import { SAMPLES, sample } from '../conformance/sample.js';
import { encodeRow } from '../stored-value.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { createWriter, type Writer, type WriterChange } from './writer.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-writer-'));
const shape = shapeOf(SAMPLES);
const opened: { close(): unknown }[] = [];
let files = 0;
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const openWriter = (collections: CollectionShape[] = [shape]) => {
  files += 1;
  const path = join(folder, `${files}.db`);
  const database = openDatabase(path);
  migrate(database, shape);
  const writer = createWriter(path, collections);
  opened.push(writer, database);
  return { path, database, writer };
};

const puts = (...ids: string[]): WriterChange[] =>
  ids.map((id) => ({ collection: 0, change: { kind: 'put', values: encodeRow(shape, sample(id)) } }));

const idsIn = (database: DatabaseSync): unknown[] =>
  database
    .prepare('SELECT id FROM samples ORDER BY id')
    .all()
    .map(({ id }) => id);

/** Writes, and says how that came out. */
const outcome = (writer: Writer, changes: readonly WriterChange[]): Promise<unknown> =>
  writer.write(changes).then(
    () => 'written',
    (error: unknown) => error,
  );

describe('the writing thread of an SQLite store', () => {
  test('writes batches in order', async () => {
    const { database, writer } = openWriter();
    expect(await writer.write(puts('a', 'b'))).toEqual([]);
    await writer.write([{ collection: 0, change: { kind: 'remove', id: 'a' } }]);
    expect(idsIn(database)).toEqual(['b']);
  });

  test('says that another process holds the lock, writes nothing then, and writes the batch when it comes again', async () => {
    const { path, database, writer } = openWriter();
    const holder = new DatabaseSync(path);
    opened.push(holder);
    holder.exec('BEGIN IMMEDIATE');
    expect(await outcome(writer, puts('a'))).toMatchObject({ errcode: 5 });
    holder.exec('COMMIT');
    expect(await outcome(writer, puts('a'))).toBe('written');
    expect(idsIn(database)).toEqual(['a']);
  });

  test('commits nothing after it was stopped', async () => {
    const { database, writer } = openWriter();
    await writer.write(puts('a'));
    const stopped = writer.stop();
    expect(await outcome(writer, puts('b'))).toMatchObject({ message: expect.stringContaining('stopped') });
    expect(stopped.committed()).toBe(0);
    expect(idsIn(database)).toEqual(['a']);
  });

  test('knows without a turn of the event loop whether the batch under way was committed', async () => {
    const { database, writer } = openWriter();
    await writer.write(puts('a'));
    const writing = writer.write(puts('b', 'c'));
    // No turn of the event loop: the thread works, its answer cannot arrive.
    const end = Date.now() + 5_000;
    while (idsIn(database).length === 1 && Date.now() < end);
    const stopped = writer.stop();
    // It is told a moment after the commit.
    while (stopped.committed() === 0 && Date.now() < end);
    expect(stopped.committed()).toBe(2);
    await writing;
  });

  test('starts anew after a failure of the thread', async () => {
    const collections = [shape];
    const { database, writer } = openWriter(collections);
    // A definition that cannot be checked ends the thread.
    collections.push({ ...shape, definition: { ...SAMPLES, primaryKey: 'missing' } });
    expect(await outcome(writer, puts('a'))).toBeInstanceOf(Error);
    collections.pop();
    expect(await outcome(writer, puts('a'))).toBe('written');
    expect(idsIn(database)).toEqual(['a']);
  });

  test('leaves out a record that can never be written, and says which', async () => {
    const { database, writer } = openWriter();
    const [bad] = await writer.write([
      ...puts('a'),
      { collection: 0, change: { kind: 'put', values: encodeRow(shape, sample('b')).with(0, null) } },
      ...puts('c'),
    ]);
    expect(bad).toMatchObject({ place: 1, cause: { errcode: expect.any(Number) } });
    expect(idsIn(database)).toEqual(['a', 'c']);
  });
});
