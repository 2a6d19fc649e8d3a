import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MillraceError } from '../../model/errors/millrace-error.js';
import { reportStorageError, type StorageErrorListener } from '../storage-error.js';
import { createWriteQueue } from '../write-queue.js';
import type { CollectionWriter } from './collection-writer.js';
import { sqliteError, sqliteFailures } from './sqlite-failure.js';
import { type PendingRow, writeRows } from './write-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-queue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
let database: DatabaseSync;
let reports: MillraceError[];

beforeEach(() => {
  files += 1;
  database = new DatabaseSync(join(folder, `${files}.db`));
  database.exec(
    `PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT CHECK (text <> 'bad'))`,
  );
  reports = [];
  return () => database.close();
});

const reportTo =
  (listener: StorageErrorListener) =>
  (row: PendingRow, cause: unknown): void =>
    reportStorageError(
      listener,
      sqliteError(`A record of "${row.writer.name}" was not written to notes.db`, cause),
    );

const reportBadRow = reportTo((error) => reports.push(error));

const noteWriter = (): CollectionWriter => {
  const statement = database.prepare('INSERT INTO notes VALUES (?, ?)');
  return {
    name: 'notes',
    write(change) {
      if (change.kind === 'put') statement.run(...change.values);
    },
    finish: () => undefined,
    discard: () => undefined,
    countAll: () => undefined,
  };
};

const openQueue = (options: { readonly maxPending?: number; readonly flushTimeoutMs?: number } = {}) => {
  const writer = noteWriter();
  const queue = createWriteQueue<PendingRow>({
    place: 'notes.db',
    failures: sqliteFailures,
    maxPending: options.maxPending ?? 1000,
    flushTimeoutMs: options.flushTimeoutMs ?? 5_000,
    onError: (error) => reports.push(error),
    write: (rows) => writeRows(database, rows, reportBadRow),
  });
  const add = (id: number, text = 'x'): void =>
    queue.add({ writer, change: { kind: 'put', values: [id, text] } });
  return { queue, add };
};

const storedIds = (): unknown[] =>
  database
    .prepare('SELECT id FROM notes ORDER BY rowid')
    .all()
    .map((row) => row['id']);

const fillDisk = (): void => database.exec('PRAGMA max_page_count = 1');
const freeDisk = (): void => database.exec('PRAGMA max_page_count = 1000000');
const large = 'x'.repeat(5_000);

describe('the write queue', () => {
  test('writes in the background, in the order of adding', async () => {
    const { add } = openQueue();
    for (const id of [3, 1, 2]) add(id);
    expect(storedIds()).toEqual([]);
    await vi.waitFor(() => expect(storedIds()).toEqual([1, 2, 3]));
  });

  test('keeps rows while the disk is full, says how many, and writes them when there is room again', async () => {
    const { queue, add } = openQueue({ flushTimeoutMs: 40 });
    fillDisk();
    for (const id of [1, 2, 3]) add(id, large);
    await expect(queue.flush()).rejects.toMatchObject({
      code: 'STORAGE',
      retryable: true,
      message: expect.stringMatching(/disk is full\. 3 are kept/),
    });
    expect(reports).toHaveLength(1);
    expect(reports[0]?.details).toMatchObject({ pending: 3, refused: 0 });
    expect(storedIds()).toEqual([]);
    freeDisk();
    await vi.waitFor(() => expect(storedIds()).toEqual([1, 2, 3]));
    expect(reports).toHaveLength(1);
  });

  test('refuses rows beyond its bound and counts them in what it reports', async () => {
    const { queue, add } = openQueue({ maxPending: 2, flushTimeoutMs: 40 });
    fillDisk();
    for (const id of [1, 2, 3, 4]) add(id, large);
    await expect(queue.flush()).rejects.toMatchObject({ code: 'STORAGE' });
    expect(reports[0]?.details).toMatchObject({ pending: 2, refused: 2 });
    expect(reports[0]?.message).toContain('2 more were refused');
    freeDisk();
    await vi.waitFor(() => expect(storedIds()).toEqual([1, 2]));
  });

  test('leaves out a row that the database will never take, says so, and writes the others', async () => {
    const { queue, add } = openQueue();
    add(1);
    add(2, 'bad');
    add(3);
    await queue.flush();
    expect(storedIds()).toEqual([1, 3]);
    expect(reports.map((error) => error.message)).toEqual([
      'A record of "notes" was not written to notes.db: a constraint does not hold.',
    ]);
  });

  test('a listener that throws does not stop the writing', async () => {
    const broken = (): never => {
      throw new Error('broken listener');
    };
    const writer = noteWriter();
    const queue = createWriteQueue<PendingRow>({
      place: 'notes.db',
      failures: sqliteFailures,
      maxPending: 10,
      flushTimeoutMs: 1000,
      onError: broken,
      write: (rows) => writeRows(database, rows, reportTo(broken)),
    });
    queue.add({ writer, change: { kind: 'put', values: [1, 'bad'] } });
    queue.add({ writer, change: { kind: 'put', values: [2, 'good'] } });
    await queue.flush();
    expect(storedIds()).toEqual([2]);
  });

  test('flush resolves for the rows before it, whatever is added later', async () => {
    const { queue, add } = openQueue();
    for (let id = 1; id <= 1200; id += 1) add(id % 1000 === 0 ? 100_000 + id : id);
    const flushing = queue.flush();
    add(5000);
    await flushing;
    expect(storedIds().length).toBeGreaterThanOrEqual(1000);
  });

  test('hands out everything that waits when the process ends', () => {
    const { queue, add } = openQueue();
    for (let id = 1; id <= 900; id += 1) add(id);
    writeRows(database, queue.takeAll(), reportBadRow);
    expect(storedIds()).toHaveLength(900);
    expect(queue.size).toBe(0);
  });
});
