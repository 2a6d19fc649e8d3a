import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createBudgets } from '../../src/budget/index.js';
import { startCounterProcess } from './counter-commands.js';
import { openCounters, type StorePlace } from './open-stores.js';
import { freshName, withService } from './services.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 });

const folder = mkdtempSync(join(tmpdir(), 'millrace-counting-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startMany = (place: StorePlace, count: number) =>
  Promise.all(Array.from({ length: count }, () => startCounterProcess(place)));

const AMOUNT = 1_000;
const LIMIT = 500 * AMOUNT;

const describeProcesses = (name: string, newPlace: () => StorePlace): void => {
  describe(`counters of many processes on ${name}`, () => {
    test('2,000 reservations of 4 processes never go beyond a limit for 500, and use all of it', async () => {
      const place = newPlace();
      const processes = await startMany(place, 4);
      await using store = openCounters(place);
      let done = false;
      const spending = Promise.all(
        processes.map((one) =>
          one.ask({ do: 'spend', calls: 500, atOnce: 25, amount: AMOUNT, limit: LIMIT, releaseEvery: 10 }),
        ),
      ).finally(() => {
        done = true;
      });
      const seen: number[] = [];
      while (!done) {
        const [budget] = await store.read(['budget']);
        seen.push((budget?.used ?? 0) + (budget?.reserved ?? 0));
        await sleep(5);
      }
      const settled = (await spending).map(Number).reduce((sum, one) => sum + one, 0);
      const [budget, ...projects] = await store.read(['budget', 'project-0', 'project-1', 'project-2']);
      expect(Math.max(...seen)).toBeLessThanOrEqual(LIMIT);
      expect(settled).toBeGreaterThanOrEqual(495);
      expect(budget).toMatchObject({ used: settled * AMOUNT, reserved: 0 });
      expect(projects.reduce((sum, { used }) => sum + used, 0)).toBe(settled * AMOUNT);
      await Promise.all(processes.map((one) => one.kill()));
    });

    test('a process that is killed in the middle leaves whole leases, and they return', async () => {
      const place = newPlace();
      await using store = openCounters(place);
      await using hoarder = await startCounterProcess(place);
      await hoarder.ask({ do: 'hoard', amount: AMOUNT, limit: LIMIT, leaseMs: 1_500 });
      await vi.waitFor(async () => {
        const [budget] = await store.read(['budget']);
        expect(budget?.reserved).toBeGreaterThanOrEqual(20 * AMOUNT);
      }, 20_000);
      await hoarder.kill();
      const [left] = await store.read(['budget']);
      expect((left?.reserved ?? 0) % AMOUNT).toBe(0);
      await vi.waitFor(async () => {
        const all = { leaseId: freshName(), leaseMs: 60_000 };
        expect(await store.reserve([{ key: 'budget', limit: LIMIT }], LIMIT, all)).toMatchObject({
          granted: true,
        });
      }, 20_000);
    });

    test('2,000 calls of 4 processes at once never cost more than a budget for 500, and use 99 % of it', async () => {
      const place = newPlace();
      const processes = await startMany(place, 4);
      await using store = openCounters(place);
      const answered = await Promise.all(
        processes.map((one) => one.ask({ do: 'call', calls: 500, limitUsd: 50 })),
      );
      const budgets = createBudgets({
        counters: store,
        limits: [{ id: 'all', limitUsd: 50, period: 'month' }],
      });
      const [status] = await budgets.status();
      const calls = answered.map(Number).reduce((sum, one) => sum + one, 0);
      expect(status).toMatchObject({ reservedUsd: 0 });
      expect(status?.usedUsd).toBeCloseTo(calls * 0.1, 6);
      expect(calls).toBeLessThanOrEqual(500);
      expect(calls).toBeGreaterThanOrEqual(495);
      await Promise.all(processes.map((one) => one.kill()));
    });

    test('8 processes that open a store that does not exist yet make it once', async () => {
      const place = newPlace();
      const processes = await startMany(place, 8);
      const counts = await Promise.all(processes.map((one) => one.ask({ do: 'count' })));
      expect(counts.map(Number).sort((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      await Promise.all(processes.map((one) => one.kill()));
    });
  });
};

const newPath = (): string => join(folder, `${freshName()}.db`);

describeProcesses('SQLite', () => ({ driver: 'sqlite', path: newPath() }));
withService('POSTGRES', (url) =>
  describeProcesses('Postgres', () => ({ driver: 'postgres', url, schema: freshName() })),
);
withService('REDIS', (url) =>
  describeProcesses('Redis', () => ({ driver: 'redis', url, prefix: `{${freshName()}}:` })),
);

test('an SQLite file is whole after a process that wrote to it was killed', async () => {
  const path = newPath();
  const hoarder = await startCounterProcess({ driver: 'sqlite', path });
  await hoarder.ask({ do: 'hoard', amount: 1, limit: LIMIT, leaseMs: 60_000 });
  await sleep(200);
  await hoarder.kill();
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
});
