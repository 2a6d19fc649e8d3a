import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { shapeOf } from '../../collection-shape.js';
import { applyChanges, randomChanges } from '../../conformance/random-changes.js';
import { randomQuery, randomSearch } from '../../conformance/random-queries.js';
import { SAMPLES, type Sample, sample } from '../../conformance/sample.js';
import { createMemoryRecordStore } from '../../memory/memory-record-store.js';
import type { AggregateQuery, CollectionDefinition, RecordCollection } from '../../record-store.js';
import { encodeRow } from '../../stored-value.js';
import { createCollectionWriter } from '../collection-writer.js';
import { openDatabase } from '../open-database.js';
import { createSqliteRecordStore } from '../sqlite-record-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-segments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = 4;
const PACKED: CollectionDefinition = {
  ...SAMPLES,
  migrations: [
    ...SAMPLES.migrations,
    { addSegments: { time: 'at', columns: ['name', 'score', 'flag', 'data'], size: SIZE } },
  ],
};
const BY_NAME: AggregateQuery = {
  groupBy: ['name'],
  figures: {
    n: { function: 'count' },
    total: { function: 'total', column: 'score' },
    flagged: { function: 'count', column: 'flag' },
  },
};

let files = 0;
let path: string;
beforeEach(() => {
  files += 1;
  path = join(folder, `${files}.db`);
});

const inspect = <Result>(run: (database: DatabaseSync) => Result): Result => {
  const database = new DatabaseSync(path);
  try {
    return run(database);
  } finally {
    database.close();
  }
};
const run = (...texts: readonly string[]): void =>
  inspect((database) => {
    for (const text of texts) database.exec(text);
  });
const count = (what: string): number =>
  inspect((database) => Number(database.prepare(`SELECT COUNT(*) AS n FROM ${what}`).get()?.['n']));
const segments = (): number => count('millrace_segments_samples');

const numbered = (index: number, values: Partial<Sample> = {}): Sample =>
  sample(`r${String(index).padStart(3, '0')}`, {
    at: index,
    name: index % 3 === 0 ? 'x' : 'y',
    score: 1,
    ...values,
  });
const put = async (collection: RecordCollection<Sample>, from: number, before: number): Promise<void> => {
  for (let index = from; index < before; index += 1) {
    collection.put(numbered(index));
    if (index % 3 === 0) await collection.flush();
  }
  await collection.flush();
};

/** The answers of a store that has nothing but the records. */
const recomputed = async (
  collection: RecordCollection<Sample>,
  queries: readonly AggregateQuery[],
): Promise<readonly unknown[]> => {
  const { rows } = await collection.find({ limit: 1000 });
  await using store = createMemoryRecordStore();
  const plain = store.collection<Sample>(SAMPLES);
  for (const row of rows) plain.put(row);
  return Promise.all(queries.map((query) => plain.aggregate(query)));
};
const isRight = async (
  collection: RecordCollection<Sample>,
  queries: readonly AggregateQuery[] = [BY_NAME],
): Promise<void> => {
  const found = await Promise.all(queries.map((query) => collection.aggregate(query)));
  expect(found).toEqual(await recomputed(collection, queries));
};

const withCollection = async (
  use: (collection: RecordCollection<Sample>) => Promise<void>,
): Promise<void> => {
  await using store = createSqliteRecordStore({ path });
  await use(store.collection<Sample>(PACKED));
};

describe('segments of an SQLite file', () => {
  test('are what is read, and the newest records beside them', async () => {
    await withCollection(async (collection) => {
      await put(collection, 0, 20);
      expect(segments()).toBeGreaterThan(2);
      // Behind the back of everybody who would have to know.
      run("UPDATE samples SET name = 'z' WHERE id IN ('r000', 'r019')");
      expect((await collection.aggregate(BY_NAME)).map(({ name, n }) => [name, n])).toEqual([
        ['x', 7],
        ['y', 12],
        ['z', 1],
      ]);
    });
  });

  test('are written some at a time, however many records come at once', async () => {
    await withCollection(async (collection) => {
      for (let index = 0; index < 100; index += 1) collection.put(numbered(index));
      await collection.flush();
      expect(segments()).toBe(2);
      await isRight(collection);
    });
  });

  test('mark what changes, and are written anew when much of them has', async () => {
    await withCollection(async (collection) => {
      await put(collection, 0, 20);
      collection.update('r001', { score: 0.5 });
      collection.update('r002', { name: null });
      await collection.flush();
      expect(count('millrace_segment_changes_samples')).toBe(2);
      await isRight(collection);
      collection.remove('r003');
      await collection.flush();
      expect(count('millrace_segment_changes_samples')).toBe(0);
      await isRight(collection);
    });
  });

  test('are written anew some at a time, the others with the next records', async () => {
    await withCollection(async (collection) => {
      await put(collection, 0, 30);
      for (let index = 0; index < 16; index += 1) collection.update(numbered(index).id, { score: index });
      const marks: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        await isRight(collection);
        marks.push(count('millrace_segment_changes_samples'));
        collection.put(numbered(29));
      }
      expect(marks).toEqual([8, 0, 0]);
    });
  });

  test('go with their last record', async () => {
    await withCollection(async (collection) => {
      await put(collection, 0, 20);
      for (let index = 0; index < 20; index += 1) {
        collection.remove(numbered(index).id);
        await collection.flush();
      }
      expect(segments()).toBe(0);
      expect(count('millrace_segment_columns_samples')).toBe(0);
      await put(collection, 0, 20);
      expect(segments()).toBeGreaterThan(2);
      await isRight(collection);
    });
  });

  test('come to the records of an earlier version step by step', async () => {
    {
      await using store = createSqliteRecordStore({ path });
      await put(store.collection<Sample>(SAMPLES), 0, 90);
    }
    await withCollection(async (collection) => {
      expect(segments()).toBe(0);
      await isRight(collection);
      for (let round = 0; round < 15; round += 1) {
        collection.put(numbered(90 + round));
        await isRight(collection);
      }
      expect(segments()).toBeGreaterThan(20);
    });
  });

  test('stay right after VACUUM', async () => {
    await withCollection(async (collection) => {
      await put(collection, 0, 20);
      for (const id of ['r000', 'r005', 'r006']) collection.remove(id);
      await isRight(collection);
      run('VACUUM');
      await isRight(collection);
      collection.put(numbered(50));
      await isRight(collection);
    });
  });

  test.each([
    ['by whom the file is open', true],
    ['before the file is opened', false],
  ])('are given up and built again when records are numbered anew %s', async (_, open) => {
    const renumber = () =>
      run(
        'UPDATE samples SET _rowid_ = _rowid_ + 1000',
        'UPDATE samples SET _rowid_ = (SELECT COUNT(*) FROM samples AS o WHERE o._rowid_ <= samples._rowid_)',
        // As VACUUM does; a file that is opened is looked at in any case.
        ...(open ? ['CREATE TABLE another (one)'] : []),
      );
    await withCollection(async (collection) => {
      await put(collection, 0, 30);
      for (const id of ['r000', 'r005', 'r006']) collection.remove(id);
      await collection.flush();
      if (!open) return;
      await isRight(collection);
      renumber();
      await isRight(collection);
      collection.update('r010', { score: 7 });
      await isRight(collection);
    });
    if (!open) renumber();
    await withCollection(async (collection) => {
      collection.update('r012', { score: 7 });
      await isRight(collection);
      for (let index = 0; index < 8; index += 1) {
        collection.put(numbered(40 + index));
        await isRight(collection);
      }
      expect(segments()).toBeGreaterThan(4);
    });
  });

  test('of a machine with another order of bytes are built again', async () => {
    await withCollection((collection) => put(collection, 0, 20));
    run(
      'UPDATE millrace_segments_samples SET little = 1 - little',
      'UPDATE millrace_segment_columns_samples SET data = zeroblob(8)',
    );
    await withCollection(async (collection) => {
      await isRight(collection);
      collection.put(numbered(30));
      await isRight(collection);
      expect(segments()).toBeGreaterThan(0);
    });
  });

  test('are as they were when a transaction is rolled back', async () => {
    await withCollection((collection) => put(collection, 0, 20));
    const shape = shapeOf(PACKED);
    const database = openDatabase(path);
    const writer = createCollectionWriter(database, shape);
    const write = (index: number): void =>
      writer.write({ kind: 'put', values: encodeRow(shape, numbered(index, { score: 9 })) });
    const before = segments();
    database.exec('BEGIN IMMEDIATE');
    for (let index = 0; index < 40; index += 1) write(index);
    writer.finish();
    database.exec('ROLLBACK');
    writer.discard();
    expect(segments()).toBe(before);
    await withCollection((collection) => isRight(collection));
    database.exec('BEGIN IMMEDIATE');
    for (const index of [1, ...Array.from({ length: 10 }, (_, more) => 20 + more)]) write(index);
    writer.finish();
    database.exec('COMMIT');
    database.close();
    expect(segments()).toBeGreaterThan(before);
    await withCollection((collection) => isRight(collection));
  });

  test('answer as memory does while two connections write in turns and the file is opened again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomChanges(40, 25), { minLength: 2, maxLength: 6 }),
        fc.array(randomQuery, { minLength: 4, maxLength: 8 }),
        fc.array(randomSearch, { minLength: 4, maxLength: 8 }),
        fc.integer({ min: 0, max: 5 }),
        async (parts, queries, searches, reopened) => {
          files += 1;
          path = join(folder, `${files}.db`);
          await using other = createSqliteRecordStore({ path });
          const theirs = other.collection<Sample>(PACKED);
          let store = createSqliteRecordStore({ path });
          await using memory = createMemoryRecordStore();
          const plain = memory.collection<Sample>(SAMPLES);
          for (const [index, changes] of parts.entries()) {
            if (index === reopened) {
              await store.close();
              store = createSqliteRecordStore({ path });
            }
            const ours = store.collection<Sample>(PACKED);
            await applyChanges(index % 2 === 0 ? ours : theirs, changes);
            await applyChanges(plain, changes);
            for (const query of queries)
              expect(await ours.aggregate(query)).toEqual(await plain.aggregate(query));
            for (const search of searches) {
              const page = await ours.find(search);
              expect(page).toEqual(await plain.find(search));
              const next = { ...search, cursor: page.next };
              if (page.next !== undefined) expect(await ours.find(next)).toEqual(await plain.find(next));
            }
          }
          await store.close();
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});
