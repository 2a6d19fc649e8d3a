import { describe, expect, test } from 'vitest';
import { newMasterKey, openVault } from '../../test/open-vault.js';
import { memoryVaultStore, Secret } from '../index.js';
import { createVault } from './create-vault.js';
import { createVaultWriter } from './vault-writer.js';

const KEY = 'sk-ant-api03-0123456789-Q9A3';
const NEXT = 'sk-ant-api03-9876543210-B7C1';

describe('saving', () => {
  test('a key is listed masked and comes back when it is revealed', async () => {
    const { vault } = await openVault();
    const entry = await vault.save({ provider: 'anthropic', project: 'shop', environment: 'prod', key: KEY });
    expect(entry).toMatchObject({
      provider: 'anthropic',
      project: 'shop',
      environment: 'prod',
      label: 'default',
      maskedKey: 'sk-ant-****Q9A3',
      status: 'unverified',
      active: true,
      priority: 0,
      lastVerifiedAt: null,
      retiresAt: null,
    });
    expect(await vault.list()).toEqual([entry]);
    expect(await vault.get(entry.id)).toEqual(entry);
    expect((await vault.reveal(entry.id)).reveal()).toBe(KEY);
  });

  test('a pasted space or line break is taken off, and a Secret is disposed of', async () => {
    const { vault } = await openVault();
    const given = Secret.of(`  ${KEY}\n`);
    const { id } = await vault.save({ provider: 'anthropic', key: given });
    expect(given.disposed).toBe(true);
    expect((await vault.reveal(id)).reveal()).toBe(KEY);
  });

  test.each([
    ['an empty key', { key: '  ' }, /empty/],
    ['a key of two lines', { key: 'sk-1\nsk-2' }, /line break/],
    ['a key with a letter that no header holds', { key: 'sk-ключ' }, /copy it again/],
    ['a key that is endless', { key: 'x'.repeat(9000) }, /longer/],
    ['a provider that is no id', { provider: 'Open AI' }, /`provider`/],
    ['a label with a line break', { label: 'a\nb' }, /`label`/],
    ['an empty label', { label: '' }, /`label`/],
    ['a priority that is no number', { priority: Number.NaN }, /`priority`/],
  ])('%s is refused and said why', async (_, wrong, message) => {
    const { vault, store } = await openVault();
    const saving = vault.save({ provider: 'openai', key: KEY, ...wrong });
    await expect(saving).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(message),
    });
    expect((await store.load()).records).toEqual([]);
  });

  test('a second key of the same name is refused; another label, project or environment is not', async () => {
    const { vault } = await openVault();
    await vault.save({ provider: 'openai', key: KEY });
    await expect(vault.save({ provider: 'openai', key: NEXT })).rejects.toMatchObject({ code: 'CONFLICT' });
    await vault.save({ provider: 'openai', label: 'second', key: NEXT });
    await vault.save({ provider: 'openai', project: 'p', key: NEXT });
    await vault.save({ provider: 'openai', environment: 'dev', key: NEXT });
    expect(await vault.list({ provider: 'openai' })).toHaveLength(4);
    expect(await vault.list({ environment: 'dev' })).toHaveLength(1);
  });

  test('of two saves of one name at the same moment one wins', async () => {
    const { vault } = await openVault();
    const saves = await Promise.allSettled([KEY, NEXT].map((key) => vault.save({ provider: 'openai', key })));
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await vault.list()).toHaveLength(1);
  });

  test('a writer with the public half alone saves, and what it saves only the vault can read', async () => {
    const { vault, store, audit } = await openVault();
    const writer = await createVaultWriter({ store, publicKey: vault.publicKey, audit });
    const entry = await writer.save({ provider: 'openai', key: KEY }, { actor: 'ingest' });
    expect(entry.maskedKey).toBe('sk-ant-****Q9A3');
    expect(Object.keys(writer)).toEqual(['save']);
    expect((await vault.reveal(entry.id)).reveal()).toBe(KEY);
    expect((await vault.auditEntries()).find(({ action }) => action === 'save')).toMatchObject({
      actor: 'ingest',
    });
  });

  test('a writer with the public half of another vault is refused', async () => {
    const other = await openVault();
    const { store } = await openVault();
    const writer = await createVaultWriter({ store, publicKey: other.vault.publicKey });
    await expect(writer.save({ provider: 'openai', key: KEY })).rejects.toMatchObject({ code: 'MASTER_KEY' });
  });
});

describe('changing', () => {
  test('enable, disable, priority and remove', async () => {
    const { vault } = await openVault();
    const { id } = await vault.save({ provider: 'openai', key: KEY });
    expect(await vault.disable(id)).toMatchObject({ active: false });
    expect(await vault.enable(id)).toMatchObject({ active: true });
    expect(await vault.setPriority(id, 5)).toMatchObject({ priority: 5 });
    await vault.remove(id);
    expect(await vault.list()).toEqual([]);
    for (const call of [vault.enable(id), vault.get(id), vault.remove(id), vault.rotate(id, NEXT)])
      await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the answer of a verification is remembered, and that of an unreachable vendor changes nothing', async () => {
    const answers = ['verified', 'invalid', 'unreachable'] as const;
    const asked: string[] = [];
    const { vault } = await openVault();
    const { id } = await vault.save({ provider: 'openai', key: KEY });
    const seen: unknown[] = [];
    for (const status of answers) {
      const { entry, verification } = await vault.verify(id, {
        verifier: async (provider, { apiKey }) => {
          asked.push(`${provider} ${apiKey}`);
          return { status, message: 'said' };
        },
      });
      expect(verification.status).toBe(status);
      seen.push(entry.status);
    }
    expect(asked).toEqual(Array.from({ length: 3 }, () => `openai ${KEY}`));
    expect(seen).toEqual(['verified', 'invalid', 'invalid']);
    expect((await vault.get(id)).lastVerifiedAt).toBeGreaterThan(0);
    await expect(vault.verify(id)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  test('without a grace period the old key is gone at once', async () => {
    const { vault } = await openVault();
    const old = await vault.save({ provider: 'openai', key: KEY });
    const fresh = await vault.rotate(old.id, NEXT, { graceMs: 0 });
    expect((await vault.list()).map(({ id }) => id)).toEqual([fresh.id]);
    await expect(vault.rotate(fresh.id, KEY, { graceMs: -1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('the master key', () => {
  test('another one is refused', async () => {
    const { store } = await openVault();
    await expect(createVault({ store, masterKey: await newMasterKey() })).rejects.toMatchObject({
      code: 'MASTER_KEY',
      message: expect.stringContaining('not the one of this vault'),
    });
  });

  test('two processes that make a vault at the same moment agree on one', async () => {
    const store = memoryVaultStore();
    const masterKey = await newMasterKey();
    const vaults = await Promise.all([createVault({ store, masterKey }), createVault({ store, masterKey })]);
    expect(vaults[0].publicKey).toBe(vaults[1].publicKey);
    expect((await store.load()).header?.masterKeys).toHaveLength(1);
  });

  test('a rotation moves every record, and the old key opens nothing after it', async () => {
    const { vault, store, masterKey } = await openVault();
    const ids: string[] = [];
    for (let index = 0; index < 120; index++)
      ids.push((await vault.save({ provider: 'openai', label: `k${index}`, key: `sk-${index}` })).id);
    const before = vault.publicKey;
    const next = await newMasterKey('NEXT');
    expect(await vault.rotateMasterKey(next)).toBe(120);
    expect(vault.publicKey).not.toBe(before);
    expect((await vault.reveal(ids[77] ?? '')).reveal()).toBe('sk-77');
    const { header, records } = await store.load();
    expect(header?.masterKeys).toHaveLength(1);
    expect(new Set(records.map(({ masterKeyId }) => masterKeyId))).toEqual(
      new Set([header?.masterKeys[0]?.id]),
    );
    await expect(createVault({ store, masterKey })).rejects.toMatchObject({ code: 'MASTER_KEY' });
    const again = await createVault({ store, masterKey: next });
    expect((await again.reveal(ids[119] ?? '')).reveal()).toBe('sk-119');
  });

  test('a rotation that breaks off leaves every key readable, and goes on where it was', async () => {
    const { store, masterKey, vault } = await openVault();
    const ids: string[] = [];
    for (let index = 0; index < 120; index++)
      ids.push((await vault.save({ provider: 'openai', label: `k${index}`, key: `sk-${index}` })).id);
    const next = await newMasterKey('NEXT');
    let left = 2;
    const broken = await createVault({
      masterKey,
      refreshMs: 0,
      store: {
        ...store,
        update: async (change) => {
          if (left-- === 0) throw new Error('the process died');
          return store.update(change);
        },
      },
    });
    await expect(broken.rotateMasterKey(next)).rejects.toThrow('died');
    const keys = (await store.load()).records.map(({ masterKeyId }) => masterKeyId);
    expect(new Set(keys).size).toBe(2);

    const both = { store, masterKey, previousMasterKeys: [next], refreshMs: 0 };
    const resumed = await createVault(both);
    for (const [index, id] of ids.entries()) expect((await resumed.reveal(id)).reveal()).toBe(`sk-${index}`);
    const third = await newMasterKey('THIRD');
    await expect(resumed.rotateMasterKey(third)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await resumed.rotateMasterKey(next)).toBeGreaterThan(0);
    expect((await store.load()).header?.masterKeys).toHaveLength(1);
    for (const [index, id] of ids.entries()) expect((await resumed.reveal(id)).reveal()).toBe(`sk-${index}`);
  });

  test('keys saved by another process while a rotation runs are not lost', async () => {
    const { store, masterKey } = await openVault();
    const next = await newMasterKey('NEXT');
    const sources = { store, masterKey, previousMasterKeys: [next], refreshMs: 0 };
    const [one, two] = [await createVault(sources), await createVault(sources)];
    for (let index = 0; index < 60; index++)
      await one.save({ provider: 'openai', label: `a${index}`, key: 'sk-1' });
    const saves = Array.from({ length: 30 }, (_, index) =>
      two.save({ provider: 'openai', label: `b${index}`, key: 'sk-2' }),
    );
    await Promise.all([one.rotateMasterKey(next), ...saves]);
    const reader = await createVault({ store, masterKey: next });
    const entries = await reader.list();
    expect(entries).toHaveLength(90);
    for (const { id } of entries) expect((await reader.reveal(id)).reveal()).toMatch(/^sk-/);
  });

  test('rotating to the same key is refused', async () => {
    const { vault, masterKey } = await openVault();
    await expect(vault.rotateMasterKey(masterKey)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('a closed vault refuses', async () => {
  const { vault } = await openVault();
  await vault.close();
  await vault.close();
  await expect(vault.save({ provider: 'openai', key: KEY })).rejects.toMatchObject({ code: 'CLOSED' });
});
