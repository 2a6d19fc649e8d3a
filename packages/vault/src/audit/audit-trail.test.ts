import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openVault } from '../../test/open-vault.js';
import { fileAuditTrail } from '../file/index.js';
import type { Vault } from '../index.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
let path: string;
let vault: Vault;

beforeEach(async () => {
  path = join(folder, `${++files}.jsonl`);
  ({ vault } = await openVault({ audit: fileAuditTrail({ path }) }));
  const { id } = await vault.save({ provider: 'openai', key: 'sk-canary-1234567890' }, { actor: 'ann' });
  await vault.disable(id, { actor: 'bob' });
  await vault.enable(id, { actor: 'bob' });
  await vault.verify(id, { verifier: async () => ({ status: 'verified', message: '' }) });
  await vault.rotate(id, 'sk-canary-0987654321', { graceMs: 0 });
});

const lines = (): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');
const write = (changed: readonly string[]): void =>
  writeFileSync(path, changed.map((line) => `${line}\n`).join(''));

describe('the audit trail', () => {
  test('tells who did what to which key, when and with what outcome', async () => {
    const entries = await vault.auditEntries();
    expect(entries.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      'system create-vault',
      'ann save',
      'bob disable',
      'bob enable',
      'system verify',
      'system rotate',
    ]);
    expect(entries[1]).toMatchObject({ key: 'openai/default', outcome: 'success', seq: 2 });
    expect(entries[4]).toMatchObject({ note: 'verified' });
    expect(entries.every(({ time }) => Math.abs(Date.now() - time) < 60_000)).toBe(true);
    await vault.checkAudit();
  });

  test('tells of failures too', async () => {
    await vault.save({ provider: 'openai', key: 'sk-3' }).catch(() => undefined);
    expect((await vault.auditEntries()).at(-1)).toMatchObject({
      action: 'save',
      outcome: 'failure',
      note: 'CONFLICT',
    });
  });

  test('holds no key', () => {
    expect(readFileSync(path, 'utf8')).not.toContain('canary');
  });

  test.each<[string, (all: string[]) => string[], RegExp]>([
    ['an entry that was taken out', (all) => all.toSpliced(2, 1), /entry 3/],
    ['entries that were cut off the end', (all) => all.slice(0, -2), /entries 5 to 6 are missing/],
    ['a trail that was emptied', () => [], /entries 1 to 6 are missing/],
    ['entries that changed places', (all) => [all[1] ?? '', all[0] ?? '', ...all.slice(2)], /entry 1/],
    ['a changed actor', (all) => all.with(1, (all[1] ?? '').replace('ann', 'eve')), /entry 2 was changed/],
    ['an entry that was put in', (all) => all.toSpliced(3, 0, all[2] ?? ''), /entry 4/],
    ['a line that is no entry', (all) => all.with(2, 'x'), /line 3/],
  ])('%s shows', async (_, change, message) => {
    write(change(lines()));
    await expect(vault.checkAudit()).rejects.toMatchObject({
      code: 'TAMPERED',
      message: expect.stringMatching(message),
    });
  });

  test('a last line that was being written when the machine stopped is left out', async () => {
    appendFileSync(path, '{"seq":7,"ti');
    await vault.checkAudit();
    const { id } = (await vault.list())[0] ?? { id: '' };
    await vault.disable(id);
    await vault.checkAudit();
    expect(lines()).toHaveLength(7);
  });

  test('two processes add to one chain', async () => {
    const [one, two] = [fileAuditTrail({ path }), fileAuditTrail({ path })];
    const fact = { actor: 'x', action: 'use', outcome: 'success' } as const;
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).append(fact)));
    expect(lines()).toHaveLength(26);
    await vault.checkAudit();
  });
});
