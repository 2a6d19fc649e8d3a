import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryRecordStore } from '@millrace/core/storage';
import { createSqliteRecordStore } from '@millrace/core/storage/sqlite';
import { afterAll, expect, test } from 'vitest';
import { describeVaultStore, sampleHeader, sampleRecord } from '../../test/describe-vault-store.js';
import { fileVaultStore, restoreVaultBackup } from '../file/index.js';
import { memoryVaultStore } from './memory-vault-store.js';
import { recordVaultStore } from './record-vault-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-vault-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `${++files}`, 'vault.json');

describeVaultStore('memory', async () => {
  const store = memoryVaultStore();
  return { store, again: async () => store };
});
describeVaultStore('records in memory', async () => {
  const records = createMemoryRecordStore();
  return { store: recordVaultStore(records), again: async () => recordVaultStore(records) };
});
describeVaultStore('records in SQLite', async () => {
  const path = join(folder, `${++files}.db`);
  const open = () => recordVaultStore(createSqliteRecordStore({ path }));
  return { store: open(), again: async () => open() };
});
describeVaultStore('a file', async () => {
  const path = newPath();
  return { store: fileVaultStore({ path }), again: async () => fileVaultStore({ path }) };
});

const twice = async (path: string): Promise<void> => {
  const store = fileVaultStore({ path });
  await store.update(() => ({ header: sampleHeader(), records: [sampleRecord('first')] }));
  await store.update((state) => ({ ...state, records: [...state.records, sampleRecord('second')] }));
};

test('the file, its backup and its lock are readable by the owner only', async () => {
  const path = newPath();
  await twice(path);
  chmodSync(path, 0o644);
  await fileVaultStore({ path }).update((state) => ({ ...state, records: [] }));
  for (const name of [path, `${path}.bak`, `${path}.lock`]) expect(statSync(name).mode & 0o077).toBe(0);
});

test('a damaged file is named, is not overwritten, and the version before can be put back', async () => {
  const path = newPath();
  await twice(path);
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, good.replace('second', 'sekond'));
  const store = fileVaultStore({ path });
  const named = { code: 'TAMPERED', message: expect.stringMatching(/checksum.*vault\.json\.bak/) };
  await expect(store.load()).rejects.toMatchObject(named);
  await expect(store.update((state) => state)).rejects.toMatchObject(named);
  expect(readFileSync(path, 'utf8')).toContain('sekond');
  await restoreVaultBackup({ path });
  expect((await store.load()).records.map(({ id }) => id)).toEqual(['first']);
  expect(readFileSync(`${path}.damaged`, 'utf8')).toContain('sekond');
});

test('a damaged backup is not put in place', async () => {
  const path = newPath();
  await twice(path);
  writeFileSync(`${path}.bak`, '{}');
  await expect(restoreVaultBackup({ path })).rejects.toMatchObject({ code: 'TAMPERED' });
  expect((await fileVaultStore({ path }).load()).records).toHaveLength(2);
});

test('a file of a newer version is refused with advice', async () => {
  const path = newPath();
  await twice(path);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"version": 1', '"version": 2'));
  await expect(fileVaultStore({ path }).load()).rejects.toMatchObject({
    code: 'STORAGE',
    message: expect.stringContaining('Update it'),
  });
});

test('a writer that does not let go is named after a time', async () => {
  const path = newPath();
  await twice(path);
  const { DatabaseSync } = await import('node:sqlite');
  const holder = new DatabaseSync(`${path}.lock`);
  holder.exec('BEGIN EXCLUSIVE');
  const store = fileVaultStore({ path, lockTimeoutMs: 50 });
  await expect(store.update((state) => ({ ...state, records: [] }))).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Another process'),
  });
  holder.close();
  await store.update((state) => ({ ...state, records: [] }));
  expect((await store.load()).records).toEqual([]);
});

test('a folder that cannot be written to is named', async () => {
  const path = join(folder, 'a-file');
  writeFileSync(path, '');
  const store = fileVaultStore({ path: join(path, 'vault.json') });
  await expect(store.update((state) => state)).rejects.toMatchObject({ code: 'STORAGE' });
});
