import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startCoolDownProcess, type Trial } from './cool-down-commands.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-cool-down-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let opened = 0;
const startTwo = async () => {
  opened += 1;
  const path = join(folder, `${opened}.db`);
  return Promise.all([startCoolDownProcess(path), startCoolDownProcess(path)]);
};

const WITHIN_MS = 20_000;

test('what one process finds failing, the other skips, and both go on when one has tried it', async () => {
  const [one, other] = await startTwo();
  await using _one = one;
  await using _other = other;
  await one.ask({ do: 'fail', times: 3 });
  expect(await other.ask({ do: 'look' })).toMatchObject([{ provider: 'p', model: 'm', level: 1 }]);
  expect(await other.ask({ do: 'try', withinMs: WITHIN_MS, end: 'failure' })).toBe(true);
  expect(await one.ask({ do: 'look' })).toMatchObject([{ level: 2 }]);
  expect(await one.ask({ do: 'try', withinMs: WITHIN_MS, end: 'success' })).toBe(true);
  expect(await other.ask({ do: 'look' })).toEqual([]);
}, 60_000);

test('two processes never try at the same time', async () => {
  const [one, other] = await startTwo();
  await using _one = one;
  await using _other = other;
  await one.ask({ do: 'fail', times: 3 });
  await other.ask({ do: 'look' });
  const command = { do: 'hammer', forMs: 3_000, holdMs: 20 } as const;
  const both = await Promise.all([one.ask<readonly Trial[]>(command), other.ask<readonly Trial[]>(command)]);
  const trials = both.flat().toSorted((a, b) => a.from - b.from);
  expect(trials.length).toBeGreaterThan(3);
  for (const [index, trial] of trials.entries()) {
    expect(trial.from).toBeGreaterThanOrEqual(trials[index - 1]?.to ?? 0);
  }
}, 60_000);

test('a trial that outlives its lease keeps the other process out', async () => {
  const [one, other] = await startTwo();
  await using _one = one;
  await using _other = other;
  await one.ask({ do: 'fail', times: 3 });
  await other.ask({ do: 'look' });
  expect(await one.ask({ do: 'try', withinMs: WITHIN_MS, end: 'never' })).toBe(true);
  expect(await other.ask({ do: 'try', withinMs: 4_000, end: 'success' })).toBeUndefined();
}, 60_000);

test('when a process is killed during its trial, the other one may try', async () => {
  const [one, other] = await startTwo();
  await using _other = other;
  await one.ask({ do: 'fail', times: 3 });
  await other.ask({ do: 'look' });
  expect(await one.ask({ do: 'try', withinMs: WITHIN_MS, end: 'never' })).toBe(true);
  await one.kill();
  expect(await other.ask({ do: 'try', withinMs: WITHIN_MS, end: 'success' })).toBe(true);
}, 60_000);
