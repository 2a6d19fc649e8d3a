import type { Credential, CredentialQuery } from '@millrace/core/provider';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { openVault } from '../../test/open-vault.js';
import { memoryVaultStore } from '../store/memory-vault-store.js';
import { createVault } from './create-vault.js';

afterEach(() => vi.useRealTimers());

const query = (provider = 'openai'): CredentialQuery => ({ provider, required: true });
const keyOf = async (found: Promise<Credential | undefined> | Credential | undefined) =>
  (await found)?.apiKey;

test('a scope gets its own key before the one for everybody, and never that of another scope', async () => {
  const { vault } = await openVault();
  await vault.save({ provider: 'openai', key: 'sk-everybody' });
  await vault.save({ provider: 'openai', project: 'shop', key: 'sk-shop' });
  await vault.save({ provider: 'openai', project: 'shop', environment: 'prod', key: 'sk-shop-prod' });
  await vault.save({ provider: 'openai', environment: 'dev', key: 'sk-dev' });
  await vault.save({ provider: 'groq', project: 'shop', key: 'gsk-shop' });
  const key = (scope?: Parameters<typeof vault.credentials>[0], provider?: string) =>
    keyOf(vault.credentials(scope).get(query(provider)));
  expect(await key()).toBe('sk-everybody');
  expect(await key({ project: 'shop', environment: 'prod' })).toBe('sk-shop-prod');
  expect(await key({ project: 'shop', environment: 'dev' })).toBe('sk-shop');
  expect(await key({ project: 'other', environment: 'dev' })).toBe('sk-dev');
  expect(await key({ project: 'other' }, 'groq')).toBeUndefined();
  expect(await key({}, 'anthropic')).toBeUndefined();
});

test('the key with the highest priority goes first; one that is switched off is passed over', async () => {
  const { vault } = await openVault();
  const first = await vault.save({ provider: 'openai', label: 'a', priority: 2, key: 'sk-a' });
  await vault.save({ provider: 'openai', label: 'b', priority: 1, key: 'sk-b' });
  const source = vault.credentials();
  expect(await keyOf(source.get(query()))).toBe('sk-a');
  await vault.disable(first.id);
  expect(await keyOf(source.get(query()))).toBe('sk-b');
});

test('a change is used by the next call, also one that another process made', async () => {
  const { vault, store, masterKey } = await openVault();
  const { id } = await vault.save({ provider: 'openai', key: 'sk-old' });
  const other = await createVault({ store, masterKey, refreshMs: 0 });
  const source = other.credentials();
  expect(await keyOf(source.get(query()))).toBe('sk-old');
  await vault.rotate(id, 'sk-new');
  expect(await keyOf(source.get(query()))).toBe('sk-new');
});

test('while the state is fresh a key that was opened is given without a wait', async () => {
  const { vault } = await openVault({ refreshMs: 60_000 });
  await vault.save({ provider: 'openai', key: 'sk-1' });
  const source = vault.credentials();
  const first = source.get(query());
  expect(first).toMatchObject({ apiKey: 'sk-1', label: 'openai/default' });
  expect(source.get(query())).toBe(first);
});

test('an opened key is dropped after its time, used or not', async () => {
  const { vault } = await openVault({ refreshMs: 60_000, opened: { ttlMs: 20 } });
  await vault.save({ provider: 'openai', key: 'sk-1' });
  const source = vault.credentials();
  const first = source.get(query());
  await vi.waitFor(() => expect(source.get(query())).not.toBe(first), 2_000);
});

test('no more keys stay open than the bound says', async () => {
  const { vault } = await openVault({ refreshMs: 60_000, opened: { size: 2 } });
  for (const label of ['a', 'b', 'c']) await vault.save({ provider: label, key: `sk-${label}` });
  const source = vault.credentials();
  const a = source.get(query('a'));
  source.get(query('b'));
  expect(source.get(query('a'))).toBe(a);
  source.get(query('c'));
  expect(source.get(query('a'))).toBe(a);
  const c = source.get(query('c'));
  source.get(query('b'));
  expect(source.get(query('c'))).toBe(c);
  expect(source.get(query('a'))).not.toBe(a);
});

test('a refused key is marked invalid, blocks with guidance, and the next one takes over', async () => {
  const { vault } = await openVault();
  const first = await vault.save({ provider: 'openai', label: 'first', priority: 1, key: 'sk-1' });
  const second = await vault.save({ provider: 'openai', label: 'second', key: 'sk-2' });
  const source = vault.credentials();
  const one = await source.get(query());
  const two = await source.replace?.(query(), one as Credential, 'AUTHENTICATION');
  expect(two?.apiKey).toBe('sk-2');
  expect(await vault.get(first.id)).toMatchObject({ status: 'invalid' });
  expect(await keyOf(source.get(query()))).toBe('sk-2');
  expect(await source.replace?.(query(), two as Credential, 'AUTHENTICATION')).toBeUndefined();
  await expect((async () => source.get(query()))()).rejects.toMatchObject({
    code: 'AUTHENTICATION',
    message: expect.stringMatching(/openai\/first .*Rotate it/),
  });
  await vault.verify(second.id, { verifier: async () => ({ status: 'verified', message: '' }) });
  expect(await keyOf(source.get(query()))).toBe('sk-2');
});

test('a key whose account is used up rests for a while, or until it is verified', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { vault } = await openVault({ cooldownMs: 60_000 });
  const { id } = await vault.save({ provider: 'openai', label: 'first', priority: 1, key: 'sk-1' });
  const source = vault.credentials();
  const useUp = async (): Promise<void> => {
    const given = await source.get(query());
    expect(await source.replace?.(query(), given as Credential, 'QUOTA_EXCEEDED')).toBeUndefined();
    await expect((async () => source.get(query()))()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  };
  await useUp();
  vi.setSystemTime(Date.now() + 60_000);
  expect(await keyOf(source.get(query()))).toBe('sk-1');
  await useUp();
  vi.setSystemTime(Date.now() + 1);
  await vault.verify(id, { verifier: async () => ({ status: 'verified', message: '' }) });
  expect(await keyOf(source.get(query()))).toBe('sk-1');
});

test('after a rotation a new key that is refused is replaced by the old one for the grace period', async () => {
  const { vault } = await openVault();
  const old = await vault.save({ provider: 'openai', key: 'sk-old' });
  await vault.rotate(old.id, 'sk-mistyped');
  const source = vault.credentials();
  const given = await source.get(query());
  expect(given?.apiKey).toBe('sk-mistyped');
  expect((await source.replace?.(query(), given as Credential, 'AUTHENTICATION'))?.apiKey).toBe('sk-old');
  await vault.close();
});

test('a key that is switched off says so', async () => {
  const { vault } = await openVault();
  const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
  await vault.disable(id);
  await expect((async () => vault.credentials().get(query()))()).rejects.toMatchObject({
    code: 'MISSING_KEY',
    message: expect.stringContaining('switched off'),
  });
});

test('a store that cannot be read for a moment does not stop the keys that are known', async () => {
  const { vault: maker, store, masterKey } = await openVault();
  await maker.save({ provider: 'openai', key: 'sk-1' });
  let broken = false;
  const onError = vi.fn();
  const vault = await createVault({
    masterKey,
    refreshMs: 0,
    onError,
    store: {
      ...store,
      load: () => (broken ? Promise.reject(new Error('the disk is gone')) : store.load()),
    },
  });
  broken = true;
  expect(await keyOf(vault.credentials().get(query()))).toBe('sk-1');
  expect(onError).toHaveBeenCalledOnce();
});

test('uses are told as one entry with their number', async () => {
  const { vault } = await openVault({ refreshMs: 60_000 });
  const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
  const source = vault.credentials();
  for (let count = 0; count < 250; count++) source.get(query());
  await vault.close();
  const uses = (await vault.auditEntries()).filter(({ action }) => action === 'use');
  expect(uses).toMatchObject([{ keyId: id, count: 250, actor: 'gateway' }]);
});

test('whatever is saved, switched and removed, a key is only ever given to its own scope', async () => {
  const name = fc.constantFrom('', 'x', 'y');
  const steps = fc.array(
    fc.record({ project: name, environment: name, active: fc.boolean(), priority: fc.integer() }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(steps, name, name, async (keys, project, environment) => {
      const { vault } = await openVault({ refreshMs: 60_000 });
      for (const [index, key] of keys.entries()) {
        const apiKey = `sk|${key.project}|${key.environment}|${key.active}`;
        await vault.save({ provider: 'p', label: `l${index}`, key: apiKey, ...key });
      }
      const found = await (async () => vault.credentials({ project, environment }).get(query('p')))().catch(
        () => undefined,
      );
      const fits = keys.some(
        (key) =>
          key.active &&
          (key.project === '' || key.project === project) &&
          (key.environment === '' || key.environment === environment),
      );
      expect(found !== undefined).toBe(fits);
      if (found === undefined) return;
      const [, keyProject, keyEnvironment, active] = found.apiKey.split('|');
      expect(['', project]).toContain(keyProject);
      expect(['', environment]).toContain(keyEnvironment);
      expect(active).toBe('true');
    }),
    { numRuns: 60 },
  );
});

test('a refusal that cannot be stored still blocks the key as refused, until it is verified', async () => {
  const inner = memoryVaultStore();
  let broken = false;
  const { vault } = await openVault({
    onError: () => undefined,
    store: {
      ...inner,
      update: (change) => (broken ? Promise.reject(new Error('no disk')) : inner.update(change)),
    },
  });
  const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
  const source = vault.credentials();
  const given = await source.get(query());
  broken = true;
  await source.replace?.(query(), given as Credential, 'AUTHENTICATION');
  await expect((async () => source.get(query()))()).rejects.toMatchObject({ code: 'AUTHENTICATION' });
  broken = false;
  await vault.verify(id, { verifier: async () => ({ status: 'verified', message: '' }) });
  expect(await keyOf(source.get(query()))).toBe('sk-1');
});

test('a closed vault hands out nothing and says so', async () => {
  const { vault } = await openVault();
  const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
  const source = vault.credentials();
  await source.get(query());
  await vault.close();
  await expect((async () => source.get(query()))()).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(vault.get(id)).rejects.toMatchObject({ code: 'CLOSED' });
});
