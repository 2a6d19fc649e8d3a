import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openVault } from '../../test/open-vault.js';
import { memoryVaultStore } from '../store/memory-vault-store.js';
import type { VaultStore } from '../store/vault-store.js';
import { createVault } from './create-vault.js';

const KEY = 'sk-old';
const NEXT = 'sk-new';
const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

const stored = async (store: VaultStore): Promise<number> => (await store.load()).records.length;

test('a rotated key stays for its grace period and is gone after it', async () => {
  const { vault, store } = await openVault();
  const old = await vault.save({ provider: 'openai', priority: 3, key: KEY });
  const fresh = await vault.rotate(old.id, NEXT, { graceMs: MINUTE });
  expect(fresh).toMatchObject({ label: 'default', priority: 3, retiresAt: null });
  expect(await vault.list()).toHaveLength(2);
  await expect(vault.rotate(old.id, KEY)).rejects.toMatchObject({ code: 'CONFLICT' });
  await vi.advanceTimersByTimeAsync(MINUTE - 1);
  expect(await stored(store)).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect((await vault.list()).map(({ id }) => id)).toEqual([fresh.id]);
  expect(
    (await vault.auditEntries()).some(({ action, keyId }) => action === 'expire' && keyId === old.id),
  ).toBe(true);
  await vault.close();
});

test('a grace period that ended while no process ran ends when the vault is opened', async () => {
  const { vault, store, masterKey } = await openVault();
  const old = await vault.save({ provider: 'openai', key: KEY });
  await vault.rotate(old.id, NEXT, { graceMs: MINUTE });
  await vault.close();
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(await stored(store)).toBe(2);
  const again = await createVault({ store, masterKey });
  await vi.advanceTimersByTimeAsync(0);
  expect(await stored(store)).toBe(1);
  await again.close();
});

test('an old key is gone in time also when the process that rotated it has ended', async () => {
  const { vault: server, store, masterKey } = await openVault({ refreshMs: 1_000 });
  const old = await server.save({ provider: 'openai', key: KEY });
  const tool = await createVault({ store, masterKey });
  await tool.rotate(old.id, NEXT, { graceMs: MINUTE });
  await tool.close();
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  expect(await stored(store)).toBe(1);
  await server.close();
});

test('a store that failed when a grace period ended is tried again', async () => {
  const inner = memoryVaultStore();
  let broken = false;
  const onError = vi.fn();
  const { vault } = await openVault({
    onError,
    store: {
      ...inner,
      update: (change) => (broken ? Promise.reject(new Error('no disk')) : inner.update(change)),
    },
  });
  const old = await vault.save({ provider: 'openai', key: KEY });
  await vault.rotate(old.id, NEXT, { graceMs: MINUTE });
  broken = true;
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(onError).toHaveBeenCalledOnce();
  expect(await stored(inner)).toBe(2);
  broken = false;
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  expect(await stored(inner)).toBe(1);
  await vault.close();
});

test('a closed vault looks no more', async () => {
  const { vault } = await openVault();
  await vault.close();
  expect(vi.getTimerCount()).toBe(0);
});
