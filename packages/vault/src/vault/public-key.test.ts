import { expect, test } from 'vitest';
import { newMasterKey, openVault } from '../../test/open-vault.js';
import { keyPairOf, publicKeyText } from '../sealing/key-pair.js';
import { openKey } from '../sealing/seal-record.js';
import { loadSodium } from '../sealing/sodium.js';
import type { VaultStore } from '../store/vault-store.js';
import { createVault } from './create-vault.js';

const attackers = async () => {
  const sodium = await loadSodium();
  return { sodium, pair: keyPairOf(sodium, new Uint8Array(32).fill(66)) };
};

/** What somebody does who may write to the store: another public key under the old fingerprint. */
const swapPublicKey = async (store: VaultStore): Promise<void> => {
  const { sodium, pair } = await attackers();
  await store.update((state) => {
    if (state.header === undefined) return state;
    const publicKey = publicKeyText(sodium, pair.publicKey);
    const masterKeys = state.header.masterKeys.map((entry) => ({ ...entry, publicKey }));
    return { ...state, header: { ...state.header, masterKeys } };
  });
};

test('a public key that was swapped in the store is refused by name when a vault is opened', async () => {
  const { store, masterKey } = await openVault();
  await swapPublicKey(store);
  await expect(createVault({ store, masterKey })).rejects.toMatchObject({
    code: 'TAMPERED',
    message: expect.stringContaining('public key'),
  });
});

test('an open vault seals nothing to a public key that was swapped in the store', async () => {
  const { vault, store } = await openVault({ refreshMs: 60_000 });
  const publicKey = vault.publicKey;
  const old = await vault.save({ provider: 'openai', key: 'sk-first' });
  await swapPublicKey(store);
  await vault.save({ provider: 'groq', key: 'sk-second' }).catch(() => undefined);
  await vault.rotate(old.id, 'sk-third').catch(() => undefined);
  const { sodium, pair } = await attackers();
  for (const record of (await store.load()).records) {
    const stolen = (): Uint8Array => openKey(sodium, pair, { id: record.id, identity: record }, record);
    expect(stolen).toThrow(expect.objectContaining({ code: 'TAMPERED' }));
  }
  expect(vault.publicKey).toBe(publicKey);
});

test('a vault that was opened before another process rotated the master key goes on saving', async () => {
  const { vault, store, masterKey } = await openVault();
  const next = await newMasterKey('NEXT');
  const other = await createVault({ store, masterKey, previousMasterKeys: [next], refreshMs: 60_000 });
  await vault.rotateMasterKey(next);
  const { id } = await other.save({ provider: 'openai', key: 'sk-1' });
  expect((await vault.reveal(id)).reveal()).toBe('sk-1');
});
