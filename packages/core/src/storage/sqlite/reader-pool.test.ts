import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Sql } from '../statement.js';
import { createReaderPool, type ReaderPool } from './reader-pool.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-readers-'));
const path = join(folder, 'numbers.db');
const database = new DatabaseSync(path);
database.exec(
  'PRAGMA journal_mode = WAL; CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1), (2)',
);

const pools: ReaderPool[] = [];
const openPool = (
  options: { readonly maxReaders?: number; readonly timeoutMs?: number } = {},
): ReaderPool => {
  const pool = createReaderPool({ path, maxReaders: 2, timeoutMs: 30_000, ...options });
  pools.push(pool);
  return pool;
};

afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const SHORT: Sql = { text: 'SELECT n FROM numbers WHERE n > ? ORDER BY n', values: [0] };
const TWO = { rows: [[1], [2]] };
const LONG: Sql = {
  text: 'WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?) SELECT COUNT(*) AS total FROM counter',
  values: [8_000_000],
};

describe('the readers of an SQLite store', () => {
  test('answer with rows as lists of values', async () => {
    expect(await openPool().read(SHORT)).toEqual(TWO);
  });

  test('let short queries and the event loop pass a long one', async () => {
    const pool = openPool();
    const done: string[] = [];
    const long = pool.read(LONG).then(() => done.push('long'));
    database.exec('INSERT INTO numbers VALUES (-1)');
    await pool.read(SHORT).then(() => done.push('short'));
    await pool.read(SHORT).then(() => done.push('short'));
    await long;
    expect(done).toEqual(['short', 'short', 'long']);
  });

  test('keep queries in order of asking when all are busy', async () => {
    const pool = openPool({ maxReaders: 1 });
    const done: number[] = [];
    const numbers = [1, 2, 3, 4];
    await Promise.all(numbers.map((number) => pool.read(SHORT).then(() => done.push(number))));
    expect(done).toEqual(numbers);
  });

  test('give a running query up when it is cancelled, and go on with the next', async () => {
    const pool = openPool({ maxReaders: 1 });
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const long = pool.read(LONG, controller.signal);
    const short = pool.read(SHORT);
    const refused = expect(long).rejects.toBe(reason);
    setTimeout(() => controller.abort(reason), 100);
    await refused;
    expect(await short).toEqual(TWO);
  });

  test('drop a waiting query that is cancelled', async () => {
    const pool = openPool({ maxReaders: 1 });
    const controller = new AbortController();
    const first = pool.read(SHORT);
    const second = pool.read(SHORT, controller.signal);
    controller.abort();
    await expect(second).rejects.toBe(controller.signal.reason);
    expect(await first).toEqual(TWO);
  });

  test('give a query up that takes longer than the limit', async () => {
    // Long enough for the next reader to start on a busy machine.
    const pool = openPool({ timeoutMs: 1_000 });
    await expect(pool.read({ ...LONG, values: [8_000_000_000] })).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('1000 ms'),
    });
    expect(await pool.read(SHORT)).toEqual(TWO);
  });

  test('report a statement that fails and can be used further', async () => {
    const pool = openPool();
    const failing = pool.read({ text: 'SELECT n FROM nowhere', values: [] });
    await expect(failing).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('nowhere'),
    });
    expect(await pool.read(SHORT)).toEqual(TWO);
  });

  test('report a file that is not there', async () => {
    const pool = createReaderPool({ path: join(folder, 'missing.db'), maxReaders: 1, timeoutMs: 30_000 });
    pools.push(pool);
    const failure = { code: 'STORAGE', message: expect.stringMatching(/missing\.db.*cannot be opened/) };
    await expect(pool.read(SHORT)).rejects.toMatchObject(failure);
  });

  test('cannot write', async () => {
    const writing = openPool().read({ text: 'DELETE FROM numbers', values: [] });
    await expect(writing).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('written'),
    });
  });

  test('reject what is under way with CLOSED when they are closed', async () => {
    const pool = openPool({ maxReaders: 1 });
    const reading = [pool.read(LONG), pool.read(SHORT)].map((query) =>
      expect(query).rejects.toMatchObject({ code: 'CLOSED' }),
    );
    setTimeout(() => pool.close(), 100);
    await Promise.all(reading);
    await expect(pool.read(SHORT)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
