import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '@millrace/core/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newMasterKey, openVault, WEAK } from '../test/open-vault.js';
import { fileAuditTrail, fileVaultStore } from './file/index.js';
import { createVault, type MasterKeySource, Secret, type VaultRecord, type VaultState } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROUNDS = 2_500;
const KEYS = ['sk-canary-one-1111111111', 'sk-canary-two-2222222222'];

/** Numbers that are the same in every run, so that a failure can be repeated (mulberry32). */
const random = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

/** A text with a byte changed, taken out, put in, doubled or cut off. */
const mutate = (text: string, next: (below: number) => number): string => {
  const bytes = [...Buffer.from(text)];
  for (let count = 1 + next(3); count > 0; count--) {
    const at = next(bytes.length || 1);
    const kind = next(6);
    if (kind === 0) bytes[at] = next(256);
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
    else if (kind === 2) bytes.splice(at, 1 + next(20));
    else if (kind === 3) bytes.splice(at, 0, next(256));
    else if (kind === 4) bytes.splice(at, 0, ...bytes.slice(at, at + next(80)));
    else bytes.length = at;
  }
  return Buffer.from(bytes).toString('utf8');
};

/** What a refusal must be: one of ours by name, and without a word of a key. */
const expectRefusal = (error: unknown): void => {
  expect(MillraceError.isInstance(error), String(error)).toBe(true);
  const { code, message, details, cause } = error as MillraceError;
  expect(['TAMPERED', 'STORAGE', 'MASTER_KEY', 'WRONG_PASSPHRASE']).toContain(code);
  expect(`${message} ${JSON.stringify(details)} ${String(cause)}`).not.toContain('canary');
};

describe('what was changed is refused by name or harmless', () => {
  const path = join(folder, 'vault.json');
  const trail = join(folder, 'audit.jsonl');
  let masterKey: MasterKeySource;
  let good: string;
  let ids: string[];

  beforeAll(async () => {
    masterKey = await newMasterKey();
    const audit = fileAuditTrail({ path: trail });
    const { vault } = await openVault({ store: fileVaultStore({ path }), audit, masterKey });
    ids = [];
    for (const [index, key] of KEYS.entries())
      ids.push((await vault.save({ provider: 'openai', label: `k${index}`, key })).id);
    good = readFileSync(path, 'utf8');
  });

  test(`${ROUNDS} changed vault files`, async () => {
    const next = random(1);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const changed = mutate(good, next);
      writeFileSync(path, changed);
      try {
        const vault = await createVault({ store: fileVaultStore({ path }), masterKey });
        for (const [index, id] of ids.entries()) expect((await vault.reveal(id)).reveal()).toBe(KEYS[index]);
      } catch (error) {
        expectRefusal(error);
        refused += 1;
      }
      // What is damaged is never overwritten, nor is the version before.
      expect(readFileSync(path, 'utf8')).toBe(changed);
    }
    expect(refused).toBeGreaterThan(ROUNDS / 2);
    writeFileSync(path, good);
  }, 120_000);

  test(`${ROUNDS} changed records`, async () => {
    const next = random(2);
    const state = await fileVaultStore({ path }).load();
    const fields = [
      'id',
      'provider',
      'project',
      'environment',
      'label',
      'masterKeyId',
      'dataKey',
      'nonce',
      'sealedKey',
    ] as const;
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const target = next(state.records.length);
      const field = fields[next(fields.length)] ?? 'id';
      const other = state.records[1 - target] as VaultRecord;
      const swap = next(4) === 0;
      const records = state.records.map((record, index) =>
        index === target ? { ...record, [field]: swap ? other[field] : mutate(record[field], next) } : record,
      );
      const changed: VaultState = { ...state, records };
      const store = {
        name: 'changed',
        load: async () => changed,
        update: async () => changed,
        close: async () => undefined,
      };
      const vault = await createVault({ store, masterKey });
      for (const [index, record] of records.entries()) {
        try {
          const text = (await vault.reveal(record.id)).reveal();
          // Only what is as it was may open, or the untouched twin of a doubled id.
          expect(KEYS).toContain(text);
          if (record.id === ids[index] && JSON.stringify(record) === JSON.stringify(state.records[index]))
            expect(text).toBe(KEYS[index]);
        } catch (error) {
          expectRefusal(error);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS / 2);
  }, 120_000);

  test(`${ROUNDS} changed exports`, async () => {
    const next = random(3);
    const vault = await createVault({ store: fileVaultStore({ path }), masterKey });
    const text = await vault.exportKeys(Secret.of('passphrase'), { strength: WEAK });
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      try {
        const plan = await vault.planImport(mutate(text, next), Secret.of('passphrase'));
        expect(plan.steps.map(({ action }) => action)).toEqual(['skip', 'skip']);
      } catch (error) {
        expectRefusal(error);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS / 2);
  }, 120_000);

  test(`${ROUNDS} changed audit trails`, async () => {
    const next = random(4);
    const text = readFileSync(trail, 'utf8');
    const vault = await createVault({
      store: fileVaultStore({ path }),
      masterKey,
      audit: fileAuditTrail({ path: trail }),
    });
    await vault.checkAudit();
    const entries = await vault.auditEntries();
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      writeFileSync(trail, mutate(text, next));
      try {
        await vault.checkAudit();
        expect(await vault.auditEntries()).toEqual(entries);
      } catch (error) {
        expectRefusal(error);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS / 2);
    writeFileSync(trail, text);
  }, 120_000);
});
