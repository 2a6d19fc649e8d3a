import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SAMPLES, type Sample, sample } from '../conformance/sample.js';
import type { CollectionDefinition, RecordCollection } from '../record-store.js';
import { createSqliteRecordStore } from './sqlite-record-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-totals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COUNTED: CollectionDefinition = {
  ...SAMPLES,
  migrations: [
    ...SAMPLES.migrations,
    { addRollUps: [{ name: 'names', time: 'at', spans: [10, 100], by: ['name'], totals: ['score'] }] },
  ],
};
const TOTALS = 'SELECT span, start, key_name, records, total_score FROM millrace_rollup_samples_names';

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

const totals = (): readonly unknown[][] =>
  inspect((database) =>
    database
      .prepare(TOTALS)
      .all()
      .map((row) => Object.values(row)),
  );

const withCollection = async (
  run: (collection: RecordCollection<Sample>) => Promise<void>,
  onError: () => void = () => undefined,
): Promise<void> => {
  await using store = createSqliteRecordStore({ path, onError });
  await run(store.collection<Sample>(COUNTED));
};

describe('totals beside records', () => {
  test('are kept by every span, and go when their last record goes', async () => {
    await withCollection(async (collection) => {
      collection.put(sample('a', { at: 12, name: 'x', score: 0.1 }));
      collection.put(sample('b', { at: 95, name: 'x', score: 0.2 }));
      collection.put(sample('c', { at: -1, score: 5 }));
      await collection.flush();
      expect(totals()).toEqual([
        [10, -10, '', 1, 5],
        [10, 10, '=x', 1, 0.1],
        [10, 90, '=x', 1, 0.2],
        [100, -100, '', 1, 5],
        [100, 0, '=x', 2, 0.1 + 0.2],
      ]);
      collection.put(sample('a', { at: 13, name: 'y', score: 1 }));
      collection.remove('b');
      collection.update('c', { score: null, at: null });
      await collection.flush();
      expect(totals()).toEqual([
        [10, Number.MIN_SAFE_INTEGER, '', 1, 0],
        [10, 10, '=y', 1, 1],
        [100, Number.MIN_SAFE_INTEGER, '', 1, 0],
        [100, 0, '=y', 1, 1],
      ]);
    });
  });

  test('leave out a record that could not be written, together with it', async () => {
    const onError = vi.fn();
    await withCollection(async (collection) => {
      inspect((database) =>
        database.exec(
          "CREATE TRIGGER refuse BEFORE INSERT ON samples WHEN NEW.name = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END",
        ),
      );
      collection.put(sample('a', { at: 1, name: 'x', score: 1 }));
      collection.put(sample('b', { at: 1, name: 'bad', score: 1 }));
      collection.put(sample('c', { at: 1, name: 'x', score: 2 }));
      await collection.flush();
    }, onError);
    expect(onError).toHaveBeenCalledOnce();
    expect(totals()).toEqual([
      [10, 0, '=x', 2, 3],
      [100, 0, '=x', 2, 3],
    ]);
  });

  test('are what a query reads', async () => {
    await withCollection(async (collection) => {
      collection.put(sample('a', { at: 1, name: 'x', score: 1 }));
      await collection.flush();
      inspect((database) => database.exec('UPDATE millrace_rollup_samples_names SET records = 7'));
      const figures = { n: { function: 'count' } } as const;
      expect(await collection.aggregate({ groupBy: ['name'], figures })).toEqual([{ name: 'x', n: 7 }]);
      // Both ends are within a span: the records themselves.
      expect(await collection.aggregate({ where: { at: { from: 1, before: 5 } }, figures })).toEqual([
        { n: 1 },
      ]);
    });
  });
});
