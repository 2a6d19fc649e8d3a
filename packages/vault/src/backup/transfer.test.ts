import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openVault, WEAK } from '../../test/open-vault.js';
import { Secret, type Vault } from '../index.js';

const PASSPHRASE = 'correct horse battery staple';
const pass = (text = PASSPHRASE): Secret => Secret.of(text);

const filled = async (): Promise<Vault> => {
  const { vault } = await openVault();
  const { id } = await vault.save({ provider: 'openai', key: 'sk-canary-aaaaaaaaaa', priority: 3 });
  await vault.verify(id, { verifier: async () => ({ status: 'verified', message: '' }) });
  await vault.save({ provider: 'groq', project: 'shop', environment: 'dev', key: 'gsk_canary-bbbbbb' });
  return vault;
};

describe('export and import', () => {
  test('moves keys with what is known of them to another vault', async () => {
    const text = await (await filled()).exportKeys(pass(), { strength: WEAK });
    expect(text).not.toContain('canary');
    expect(JSON.parse(text)).toMatchObject({
      format: 'millrace-vault-export',
      version: 1,
      kdf: { algorithm: 'argon2id13', passes: 1, memory: 8192, salt: expect.any(String) },
    });
    const { vault } = await openVault();
    const plan = await vault.planImport(text, pass());
    expect(plan.steps).toMatchObject([
      { action: 'add', provider: 'openai', maskedKey: 'sk-****aaaa' },
      { action: 'add', provider: 'groq', project: 'shop' },
    ]);
    expect(JSON.stringify(plan)).not.toContain('canary');
    expect(await vault.list()).toEqual([]);
    await vault.applyImport(plan);
    const [openai] = await vault.list({ provider: 'openai' });
    expect(openai).toMatchObject({ priority: 3, status: 'verified', lastVerifiedAt: expect.any(Number) });
    expect((await vault.reveal(openai?.id ?? '')).reveal()).toBe('sk-canary-aaaaaaaaaa');
  });

  test.each([
    ['skip', ['skip', 'add'], 'sk-mine'],
    ['replace', ['replace', 'add'], 'sk-canary-aaaaaaaaaa'],
    ['newer', ['skip', 'add'], 'sk-mine'],
  ] as const)('by the rule %s', async (rule, actions, key) => {
    const text = await (await filled()).exportKeys(pass(), { strength: WEAK });
    await new Promise((resolve) => setTimeout(resolve, 2));
    const { vault } = await openVault();
    await vault.save({ provider: 'openai', key: 'sk-mine' });
    const plan = await vault.planImport(text, pass(), { rule });
    expect(plan.steps.map(({ action }) => action)).toEqual(actions);
    await vault.applyImport(plan);
    const [openai] = await vault.list({ provider: 'openai' });
    expect((await vault.reveal(openai?.id ?? '')).reveal()).toBe(key);
    expect(await vault.list()).toHaveLength(2);
  });

  test('a newer key takes the place of an older one', async () => {
    const { vault } = await openVault();
    await vault.save({ provider: 'openai', key: 'sk-old' });
    await new Promise((resolve) => setTimeout(resolve, 2));
    const text = await (await filled()).exportKeys(pass(), { strength: WEAK });
    const plan = await vault.planImport(text, pass(), { rule: 'newer' });
    expect(plan.steps[0]).toMatchObject({ action: 'replace' });
  });

  test('a wrong passphrase and damage are told apart', async () => {
    const vault = await filled();
    const text = await vault.exportKeys(pass(), { strength: WEAK });
    await expect(vault.planImport(text, pass('wrong'))).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    const file = JSON.parse(text) as Record<string, string>;
    for (const field of ['content', 'nonce', 'check', 'headerSum']) {
      const value = file[field] ?? '';
      const changed = { ...file, [field]: `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}` };
      await expect(vault.planImport(JSON.stringify(changed), pass())).rejects.toMatchObject({
        code: 'TAMPERED',
      });
    }
    await expect(vault.planImport('{"version":2}', pass())).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('Update'),
    });
    for (const nothing of ['', '{}', '[]', 'null', 'sk-text'])
      await expect(vault.planImport(nothing, pass())).rejects.toMatchObject({ code: 'TAMPERED' });
  });

  test('a derivation that would exhaust the machine is refused before it runs', async () => {
    const vault = await filled();
    const file = JSON.parse(await vault.exportKeys(pass(), { strength: WEAK }));
    file.kdf.memory = 2 ** 40;
    await expect(vault.planImport(JSON.stringify(file), pass())).rejects.toMatchObject({ code: 'TAMPERED' });
  });

  test('the passphrase is disposed of, and a plan of another vault is refused', async () => {
    const vault = await filled();
    const given = pass();
    const text = await vault.exportKeys(given, { strength: WEAK });
    expect(given.disposed).toBe(true);
    const plan = await vault.planImport(text, pass());
    const { vault: other } = await openVault();
    await expect(other.applyImport(plan)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('any keys under any passphrase come back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[!-~]{1,80}$/), { minLength: 1, maxLength: 4 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
        async (keys, passphrase) => {
          const { vault } = await openVault();
          for (const [index, key] of keys.entries()) await vault.save({ provider: `p${index}`, key });
          const text = await vault.exportKeys(pass(passphrase), { strength: WEAK });
          const { vault: other } = await openVault();
          await other.applyImport(await other.planImport(text, pass(passphrase)));
          const entries = await other.list();
          const back = await Promise.all(entries.map(async ({ id }) => (await other.reveal(id)).reveal()));
          expect(back.sort()).toEqual([...keys].sort());
        },
      ),
      { numRuns: 30 },
    );
  });
});
