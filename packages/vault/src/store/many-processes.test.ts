import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordStore } from '@millrace/core/storage';
import { createSqliteRecordStore } from '@millrace/core/storage/sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { newMasterKey } from '../../test/open-vault.js';
import { fileLock } from '../file/index.js';
import { createVault, recordVaultStore } from '../index.js';
import { memoryVaultStore } from './memory-vault-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-vault-many-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** Longer than any rotation here takes, so that one which may go on is over by then. */
const GAP_MS = 500;

/** A record store in which something happens after the rows were read, before what follows from them is written. */
const withGap = (store: RecordStore, gap: () => Promise<unknown>): RecordStore => ({
  ...store,
  collection: <Row extends object>(definition: Parameters<RecordStore['collection']>[0]) => {
    const collection = store.collection<Row>(definition);
    return {
      ...collection,
      async find(query) {
        const page = await collection.find(query);
        await gap();
        return page;
      },
    };
  },
});

/** What two processes have: a connection each to one database, and a lock each over one file. */
const twoProcesses = () => {
  const path = join(folder, `${++files}.db`);
  const process = (gap: () => Promise<unknown> = async () => undefined) =>
    recordVaultStore(withGap(createSqliteRecordStore({ path }), gap), {
      lock: fileLock({ path: `${path}.lock` }),
    });
  return process;
};

describe('two processes over one table', () => {
  test('a key that is saved while the other rotates the master key is not lost', async () => {
    const process = twoProcesses();
    const masterKey = await newMasterKey();
    const next = await newMasterKey('NEXT');
    const sources = { masterKey, previousMasterKeys: [next], refreshMs: 0 };
    const one = await createVault({ ...sources, store: process() });
    let reads: number | undefined;
    let rotation: Promise<unknown> | undefined;
    const gap = async (): Promise<void> => {
      // The first read of a save is a look; the change follows from the second.
      if (reads === undefined || ++reads !== 2) return;
      rotation = one.rotateMasterKey(next);
      await Promise.race([rotation, sleep(GAP_MS)]);
    };
    const two = await createVault({ ...sources, store: process(gap) });
    reads = 0;
    const { id } = await two.save({ provider: 'openai', key: 'sk-1' });
    await rotation;
    const reader = await createVault({ store: process(), masterKey: next });
    expect((await reader.reveal(id)).reveal()).toBe('sk-1');
  });

  test('of two saves of one name one wins', async () => {
    const process = twoProcesses();
    const masterKey = await newMasterKey();
    const one = await createVault({ store: process(), masterKey });
    let reads: number | undefined;
    let other: Promise<unknown> | undefined;
    const gap = async (): Promise<void> => {
      if (reads === undefined || ++reads !== 2) return;
      other = one.save({ provider: 'openai', key: 'sk-1' }).catch(() => undefined);
      await Promise.race([other, sleep(GAP_MS)]);
    };
    const two = await createVault({ store: process(gap), masterKey });
    reads = 0;
    await two.save({ provider: 'openai', key: 'sk-2' }).catch(() => undefined);
    await other;
    expect(await one.list()).toHaveLength(1);
  });
});

test('a save that waits for its turn while another process rotates the master key is sealed to the new one', async () => {
  const inner = memoryVaultStore();
  const masterKey = await newMasterKey();
  const next = await newMasterKey('NEXT');
  const sources = { masterKey, previousMasterKeys: [next], refreshMs: 0 };
  const other = await createVault({ ...sources, store: inner });
  let waiting: (() => Promise<unknown>) | undefined;
  const vault = await createVault({
    ...sources,
    store: {
      ...inner,
      async update(change) {
        const before = waiting;
        waiting = undefined;
        await before?.();
        return inner.update(change);
      },
    },
  });
  waiting = () => other.rotateMasterKey(next);
  const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
  expect((await other.reveal(id)).reveal()).toBe('sk-1');
});
