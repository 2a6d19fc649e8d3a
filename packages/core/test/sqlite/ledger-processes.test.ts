import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Ledger, LedgerRecord } from '../../src/ledger/index.js';
import { sqliteLedger } from '../../src/ledger/sqlite/index.js';
import { grouped, naiveCompression, naiveSummary } from '../naive-statistics.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-ledgers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = async (path: string, name: string): Promise<ChildProcess> => {
  const child = fork(new URL('./ledger-process.ts', import.meta.url), [path, name], {
    execArgv: ['--import', new URL('../source-imports.mjs', import.meta.url).href],
  });
  await once(child, 'message');
  return child;
};

const allOf = async (ledger: Ledger): Promise<readonly LedgerRecord[]> => {
  const found: LedgerRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await ledger.list({ limit: 1000, cursor });
    found.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
};

test('totals stay right while processes record and correct the same calls, and one of them is killed', async () => {
  const path = join(folder, 'shared.db');
  const children = await Promise.all(['a', 'b', 'c'].map((name) => start(path, name)));
  for (let round = 0; round < 8; round += 1) await once(children[0] as ChildProcess, 'message');
  const [killed, ...others] = children;
  const exits = children.map((child) => once(child, 'exit'));
  killed?.kill('SIGKILL');
  await exits[0];
  await once(others[0] as ChildProcess, 'message');
  for (const child of others) child.send('stop');
  await Promise.all(exits);

  const ledger = sqliteLedger({ path });
  const records = await allOf(ledger);
  expect(records.length).toBeGreaterThan(300);
  for (const by of [['model'], ['user'], ['category'], []] as const) {
    const expected = grouped(records, by).map(([group, some]) => naiveSummary(group, some));
    const found = await ledger.summarize({ by });
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
  }
  expect(await ledger.compression()).toEqual(naiveCompression(records));
  await ledger.close();
}, 60_000);
