import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sample, samplesIn } from '../conformance/sample.js';
import { createSqliteRecordStore } from './sqlite-record-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-open-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the file of an SQLite store', () => {
  test('is created with its folders, for the owner only, side files included', async () => {
    const path = join(folder, 'new/deep/ledger.db');
    await using store = createSqliteRecordStore({ path });
    await samplesIn(store, [sample('a')]).flush();
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual([0o600, 0o600, 0o600]);
    expect(modeOf(join(folder, 'new'))).toBe(0o700);
  });

  test('keeps its records when it is opened again', async () => {
    const path = join(folder, 'again.db');
    await using first = createSqliteRecordStore({ path });
    samplesIn(first, [sample('a', { data: { kept: true } })]);
    await first.close();
    await using second = createSqliteRecordStore({ path });
    expect(await samplesIn(second).get('a')).toEqual(sample('a', { data: { kept: true } }));
  });

  test('is refused when it is a folder', () => {
    mkdirSync(join(folder, 'a-folder'));
    const store = createSqliteRecordStore({ path: join(folder, 'a-folder') });
    expect(() => samplesIn(store)).toThrow(
      expect.objectContaining({
        code: 'STORAGE',
        retryable: false,
        message: expect.stringMatching(/is a folder/),
      }),
    );
  });

  test('is refused when it is something else than a database, and stays as it is', () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'Buy milk. '.repeat(100));
    expect(() => samplesIn(createSqliteRecordStore({ path }))).toThrow(
      expect.objectContaining({
        code: 'STORAGE',
        message: expect.stringMatching(/notes\.txt.*not an SQLite database/),
      }),
    );
    expect(statSync(path).size).toBe(1000);
  });

  test('is refused when a part of its path is a file', () => {
    writeFileSync(join(folder, 'a-file'), '');
    const store = createSqliteRecordStore({ path: join(folder, 'a-file/ledger.db') });
    expect(() => samplesIn(store)).toThrow(expect.objectContaining({ code: 'STORAGE' }));
  });

  test.each(['', ':memory:'])('cannot be "%s"', (path) => {
    expect(() => createSqliteRecordStore({ path })).toThrow(/createMemoryRecordStore/);
  });
});
