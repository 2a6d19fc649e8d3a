import { describe, expect, test } from 'vitest';
import { newMasterKey, openVault, WEAK } from '../../test/open-vault.js';
import {
  type KeyService,
  kmsMasterKey,
  type MasterKeySource,
  passphraseMasterKey,
  Secret,
} from '../index.js';
import { memoryVaultStore } from '../store/memory-vault-store.js';
import { createVault } from './create-vault.js';

/** A key service whose policy lets this process wrap and not unwrap. */
const wrapsOnly: KeyService = {
  name: 'test-kms',
  wrap: async (bytes) => bytes.toReversed(),
  unwrap: () => Promise.reject(new Error('AccessDenied')),
};

/** A source that counts how often it is asked to open a key. */
const counted = (source: MasterKeySource): MasterKeySource & { opens: number } => ({
  ...source,
  opens: 0,
  open(note) {
    this.opens += 1;
    return source.open(note);
  },
});

describe('a new master key', () => {
  test('that its source cannot open again is not rotated to, and every key stays readable', async () => {
    const { vault, store, masterKey } = await openVault();
    const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
    const before = (await store.load()).header?.masterKeys;
    await expect(vault.rotateMasterKey(kmsMasterKey(wrapsOnly))).rejects.toMatchObject({
      code: 'MASTER_KEY',
    });
    expect((await store.load()).header?.masterKeys).toEqual(before);
    const again = await createVault({ store, masterKey });
    expect((await again.reveal(id)).reveal()).toBe('sk-1');
  });

  test('that its source cannot open again makes no vault', async () => {
    const store = memoryVaultStore();
    await expect(createVault({ store, masterKey: kmsMasterKey(wrapsOnly) })).rejects.toMatchObject({
      code: 'MASTER_KEY',
    });
    expect((await store.load()).header).toBeUndefined();
    await createVault({ store, masterKey: await newMasterKey() });
  });

  test('from a passphrase that was mistyped the second time is not rotated to', async () => {
    const { vault, store } = await openVault();
    const typed = ['a long passphrase', 'a lang passphrase'];
    const source = passphraseMasterKey({
      passphrase: () => Secret.of(typed.shift() ?? ''),
      strength: WEAK,
    });
    await expect(vault.rotateMasterKey(source)).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    expect((await store.load()).header?.masterKeys).toHaveLength(1);
  });
});

test('a key that cannot be opened is not tried again by every read, since each try may take a second', async () => {
  const { vault, store, masterKey } = await openVault();
  const next = await newMasterKey('NEXT');
  const source = counted(masterKey);
  const errors: unknown[] = [];
  const other = await createVault({
    store,
    masterKey: source,
    refreshMs: 0,
    onError: (error) => errors.push(error),
  });
  await vault.save({ provider: 'openai', key: 'sk-1' });
  await vault.rotateMasterKey(next);
  source.opens = 0;
  for (let count = 0; count < 10; count++)
    await expect(other.list()).rejects.toMatchObject({ code: 'MASTER_KEY' });
  expect(source.opens).toBe(1);
  await other.close();
});
