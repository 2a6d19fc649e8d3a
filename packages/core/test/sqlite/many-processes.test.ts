import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { sample, samplesIn } from '../../src/storage/conformance/sample.js';
import type { MigrationStep } from '../../src/storage/record-store.js';
import { createSqliteRecordStore } from '../../src/storage/sqlite/sqlite-record-store.js';
import { startStoreProcess } from './store-commands.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-processes-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = (): string => {
  files += 1;
  return join(folder, `${files}.db`);
};

const startMany = (path: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => startStoreProcess(path)));

const inspect = <Result>(path: string, run: (database: DatabaseSync) => Result): Result => {
  const database = new DatabaseSync(path);
  try {
    return run(database);
  } finally {
    database.close();
  }
};

const countRows = (path: string): unknown =>
  inspect(path, (database) => database.prepare('SELECT COUNT(*) AS n FROM samples').get()?.['n']);

describe('an SQLite store of many processes', () => {
  test('a second process reads what is written while the first goes on writing', async () => {
    const path = newPath();
    await using other = await startStoreProcess(path);
    await using store = createSqliteRecordStore({ path });
    const collection = samplesIn(store);
    for (let round = 1; round <= 5; round += 1) {
      for (let index = 0; index < 300; index += 1) collection.put(sample(`r${round}-${index}`));
      await collection.flush();
      collection.put(sample(`s${round}`));
      expect(await other.ask({ do: 'count' })).toBeGreaterThanOrEqual(round * 300);
    }
  });

  test('all records of all writers arrive', async () => {
    const path = newPath();
    const writers = await startMany(path, 4);
    await Promise.all(
      writers.map((writer, index) => writer.ask({ do: 'write', prefix: `w${index}-`, count: 2000 })),
    );
    await Promise.all(writers.map((writer) => writer.kill()));
    expect(countRows(path)).toBe(8000);
  });

  test('a writer that is killed after a flush loses nothing, and the file opens', async () => {
    const path = newPath();
    const writer = await startStoreProcess(path);
    await writer.ask({ do: 'write', prefix: 'a', count: 1500 });
    writer.child.send({ do: 'write', prefix: 'b', count: 5000 });
    await writer.kill();
    await using store = createSqliteRecordStore({ path });
    const figures = { n: { function: 'count' } } as const;
    expect(await samplesIn(store).aggregate({ where: { id: { before: 'b' } }, figures })).toEqual([
      { n: 1500 },
    ]);
    expect(inspect(path, (database) => database.prepare('PRAGMA integrity_check').get())).toEqual({
      integrity_check: 'ok',
    });
  });

  test('while another process holds the lock, the event loop runs on and the records land later', async () => {
    const path = newPath();
    const onError = vi.fn();
    await using store = createSqliteRecordStore({ path, onError });
    const collection = samplesIn(store);
    await using other = await startStoreProcess(path);
    await other.ask({ do: 'lock' });
    let flushed = false;
    for (let index = 0; index < 1200; index += 1) collection.put(sample(`r${index}`));
    const flushing = collection.flush().then(() => {
      flushed = true;
    });
    for (let turn = 0; turn < 500; turn += 1) await nextTurn();
    expect(flushed).toBe(false);
    await other.ask({ do: 'unlock' });
    await flushing;
    expect(countRows(path)).toBe(1200);
    expect(onError).not.toHaveBeenCalled();
  });

  test('flush and reads reject with STORAGE when the lock is not free in time, and nothing is lost', async () => {
    const path = newPath();
    await using store = createSqliteRecordStore({ path, flushTimeoutMs: 200 });
    const collection = samplesIn(store, [sample('b')]);
    // The thread that writes is running then, which on a busy machine takes longer than a flush may.
    await vi.waitFor(() => collection.flush(), { timeout: 10_000 });
    await using other = await startStoreProcess(path);
    await other.ask({ do: 'lock' });
    collection.put(sample('a'));
    const failure = expect.objectContaining({
      code: 'STORAGE',
      message: expect.stringContaining('holds the lock'),
    });
    await expect(collection.flush()).rejects.toEqual(failure);
    await expect(collection.find()).rejects.toEqual(failure);
    await other.ask({ do: 'unlock' });
    await vi.waitFor(async () => expect(await collection.get('a')).toEqual(sample('a')));
  });

  test('closing says how many records could not be written in time', async () => {
    const path = newPath();
    const store = createSqliteRecordStore({ path, flushTimeoutMs: 50 });
    const collection = samplesIn(store);
    await using other = await startStoreProcess(path);
    await other.ask({ do: 'lock' });
    collection.put(sample('a'));
    collection.put(sample('b'));
    await expect(store.close()).rejects.toMatchObject({ code: 'STORAGE', details: { lost: 2 } });
    await other.ask({ do: 'unlock' });
    expect(countRows(path)).toBe(0);
  });

  test('a read that waits for the lock can be cancelled', async () => {
    const path = newPath();
    await using store = createSqliteRecordStore({ path });
    const collection = samplesIn(store);
    await using other = await startStoreProcess(path);
    await other.ask({ do: 'lock' });
    collection.put(sample('a'));
    const controller = new AbortController();
    const reading = collection.find({ signal: controller.signal });
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await other.ask({ do: 'unlock' });
  });

  test('many processes that create and then change a new file at once apply every step once', async () => {
    const path = newPath();
    const steps: readonly MigrationStep[] = [
      { addColumns: { colour: 'text' }, addIndexes: [['colour']] },
      { addColumns: { size: 'integer' } },
    ];
    const processes = await startMany(path, 6);
    await Promise.all(processes.map((one) => one.ask({ do: 'migrate', steps: [] })));
    await Promise.all(processes.map((one) => one.ask({ do: 'migrate', steps })));
    await expect(processes[0]?.ask({ do: 'migrate', steps: [] })).rejects.toThrow(/version 3/);
    await Promise.all(processes.map((one) => one.kill()));
    const version = inspect(path, (database) => database.prepare('SELECT * FROM millrace_migrations').all());
    expect(version).toEqual([{ collection: 'samples', version: 3 }]);
  });

  test('records survive process.exit() right after put', async () => {
    const path = newPath();
    const other = await startStoreProcess(path);
    expect(await other.end({ do: 'write-and-exit', prefix: 'a', count: 700 })).toBe(0);
    expect(countRows(path)).toBe(700);
  });

  test('process.exit() at any moment of the writing leaves every record with its last change', async () => {
    const moments = [
      [0, 0],
      [12, 0],
      [25, 3],
      [60, 0],
      [60, 11],
      [90, 12],
      [120, 14],
    ] as const;
    for (const afterMs of moments) {
      const path = newPath();
      const other = await startStoreProcess(path);
      expect(await other.end({ do: 'write-change-and-exit', count: 900, afterMs })).toBe(0);
      const scores = inspect(path, (database) =>
        database.prepare('SELECT score, COUNT(*) AS n FROM samples GROUP BY score ORDER BY score').all(),
      );
      expect(scores).toEqual([
        { score: null, n: 1 },
        { score: 2, n: 900 },
      ]);
    }
  }, 30_000);

  test('a process that does not close its store writes everything and ends by itself', async () => {
    const path = newPath();
    const other = await startStoreProcess(path);
    expect(await other.end({ do: 'read-write-and-end', prefix: 'a', count: 700 })).toBe(0);
    expect(countRows(path)).toBe(700);
  });
});
