import { afterEach, expect, test, vi } from 'vitest';
import { openVault } from '../../test/open-vault.js';
import { memoryAuditTrail } from '../audit/memory-audit-trail.js';
import { loadSodium } from '../sealing/sodium.js';
import { memoryVaultStore } from '../store/memory-vault-store.js';

const KEY = 'sk-canary-0123456789';
const trail = memoryAuditTrail();

afterEach(() => vi.restoreAllMocks());

/** Every buffer that a key is turned into from now on. */
const watchEncoded = (): Uint8Array[] => {
  const { encode } = TextEncoder.prototype;
  const made: Uint8Array[] = [];
  vi.spyOn(TextEncoder.prototype, 'encode').mockImplementation(function (
    this: InstanceType<typeof TextEncoder>,
    text?: string,
  ) {
    const bytes: Uint8Array<ArrayBuffer> = encode.call(this, text);
    if (text?.includes('canary')) made.push(bytes);
    return bytes;
  });
  return made;
};

/** Every buffer that a key is opened into from now on. */
const watchOpened = async (): Promise<Uint8Array[]> => {
  const sodium = await loadSodium();
  type Decrypt = (...parameters: unknown[]) => Uint8Array;
  const decrypt = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt as unknown as Decrypt;
  const made: Uint8Array[] = [];
  const watched: Decrypt = (...parameters) => {
    const bytes = decrypt(...parameters);
    made.push(bytes);
    return bytes;
  };
  vi.spyOn(sodium, 'crypto_aead_xchacha20poly1305_ietf_decrypt').mockImplementation(watched as never);
  return made;
};

const expectZeroed = (buffers: readonly Uint8Array[]): void => {
  expect(buffers.length).toBeGreaterThan(0);
  for (const bytes of buffers) expect(bytes.every((byte) => byte === 0)).toBe(true);
};

test('a key that is saved, refused or not stored leaves no bytes behind', async () => {
  const store = memoryVaultStore();
  let broken = false;
  const { vault } = await openVault({
    store: {
      ...store,
      update: (change) => (broken ? Promise.reject(new Error('no disk')) : store.update(change)),
    },
  });
  const made = watchEncoded();
  await vault.save({ provider: 'openai', key: KEY });
  await expect(vault.save({ provider: 'openai', key: KEY })).rejects.toMatchObject({ code: 'CONFLICT' });
  broken = true;
  await expect(vault.save({ provider: 'groq', key: KEY })).rejects.toThrow('no disk');
  expect(made.length).toBeGreaterThanOrEqual(3);
  expectZeroed(made);
});

test('a key that was revealed leaves no bytes behind once it is disposed of', async () => {
  const { vault } = await openVault();
  const { id } = await vault.save({ provider: 'openai', key: KEY });
  const made = await watchOpened();
  const secret = await vault.reveal(id);
  expect(secret.reveal()).toBe(KEY);
  secret.dispose();
  expectZeroed(made);
});

test('a key whose opening cannot be put into the audit trail is not revealed, and leaves no bytes behind', async () => {
  let broken = false;
  const { vault, audit } = await openVault({
    audit: {
      append: (fact) => (broken ? Promise.reject(new Error('no disk')) : trail.append(fact)),
      entries: () => trail.entries(),
    },
  });
  const { id } = await vault.save({ provider: 'openai', key: KEY });
  const made = await watchOpened();
  broken = true;
  await expect(vault.reveal(id)).rejects.toThrow('no disk');
  expectZeroed(made);
  expect(await audit.entries()).toHaveLength(2);
});

test('keys that are handed out to calls leave no bytes behind', async () => {
  const { vault } = await openVault();
  await vault.save({ provider: 'openai', key: KEY });
  const made = await watchOpened();
  expect((await vault.credentials().get({ provider: 'openai', required: true }))?.apiKey).toBe(KEY);
  expectZeroed(made);
});
