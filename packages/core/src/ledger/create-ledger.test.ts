import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { sampleCall } from '../../test/sample-call.js';
import { createMemoryRecordStore } from '../storage/memory/memory-record-store.js';
import { createSqliteRecordStore } from '../storage/sqlite/sqlite-record-store.js';
import { CALL_COLLECTION } from './call-collection.js';
import { createLedger } from './create-ledger.js';
import type { Ledger, LedgerQuery } from './ledger.js';
import type { LedgerRecord } from './ledger-record.js';
import { memoryLedger } from './memory-ledger.js';
import { sqliteLedger } from './sqlite/sqlite-ledger.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-ledger-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.db`);
};

const CALLS: readonly LedgerRecord[] = [
  sampleCall('1', { startedAt: 100, project: 'shop', user: 'ann', latencyMs: 10 }),
  sampleCall('2', {
    startedAt: 200,
    project: 'shop',
    user: 'bob',
    status: 'error',
    errorCode: 'RATE_LIMITED',
    costUsd: 0,
    latencyMs: 20,
  }),
  sampleCall('3', {
    startedAt: 300,
    project: 'blog',
    provider: 'local',
    model: 'llama',
    costUsd: null,
    latencyMs: 60,
  }),
  sampleCall('4', { startedAt: 400, status: 'cancelled', costUsd: 0.5, latencyMs: 30 }),
];

const EVERYTHING = {
  group: {},
  calls: 4,
  successes: 2,
  tokensIn: 40,
  tokensOut: 20,
  costUsd: 0.75,
  unpricedCalls: 1,
  cachedCalls: 0,
  savedUsd: 0,
  averageLatencyMs: 30,
  failures: 1,
  successRate: 0.5,
  cacheHitRate: 0,
  tokensSaved: 0,
  tokensCompressed: 0,
  averageTimeToFirstTokenMs: 3.25,
  ratings: 0,
  averageRating: null,
};

describe.each<readonly [string, () => Ledger]>([
  ['in memory', () => memoryLedger()],
  ['in SQLite', () => sqliteLedger({ path: newFile() })],
])('a ledger %s', (_, open) => {
  const withCalls = async (run: (ledger: Ledger) => Promise<void>, calls = CALLS): Promise<void> => {
    const ledger = open();
    for (const record of calls) ledger.record(record);
    try {
      await run(ledger);
    } finally {
      await ledger.close();
    }
  };

  test('gives a record back as it was', () =>
    withCalls(async (ledger) => {
      expect(await ledger.get('1')).toEqual(CALLS[0]);
      expect(await ledger.get('9')).toBeUndefined();
    }));

  test('keeps a record whose every optional field is null', () =>
    withCalls(async (ledger) => {
      const failed = sampleCall('x', {
        status: 'error',
        errorCode: 'NO_PROVIDER',
        finishReason: null,
        provider: null,
        model: null,
        servedModel: null,
        routeReason: null,
        tokensReasoning: null,
        costUsd: null,
        timeToFirstTokenMs: null,
        tags: null,
      });
      ledger.record(failed);
      expect(await ledger.get('x')).toEqual(failed);
    }));

  test('lists calls newest first, page by page', () =>
    withCalls(async (ledger) => {
      const first = await ledger.list({ limit: 3 });
      expect(first.rows.map((record) => record.id)).toEqual(['4', '3', '2']);
      const second = await ledger.list({ limit: 3, cursor: first.next });
      expect(second).toEqual({ rows: [CALLS[0]] });
    }));

  test.each([
    [{ from: 200, before: 400 }, ['2', '3']],
    [{ project: 'shop', status: 'success' }, ['1']],
    [{ provider: 'local' }, ['3']],
    [{ model: 'gpt-4o', user: 'bob' }, ['2']],
    [{ user: undefined }, ['1', '2', '3', '4']],
  ] as const)('lists the calls of %j', (filter, ids) =>
    withCalls(async (ledger) => {
      const page = await ledger.list({ ...filter, order: 'oldest' });
      expect(page.rows.map((record) => record.id)).toEqual(ids);
    }),
  );

  test('adds everything up, and tells calls of unknown price apart from free ones', () =>
    withCalls(async (ledger) => {
      expect(await ledger.summarize()).toEqual([EVERYTHING]);
    }));

  test('adds up by dimensions', () =>
    withCalls(async (ledger) => {
      const rows = await ledger.summarize({ by: ['project'] });
      expect(
        rows.map((row) => [row.group, row.calls, row.successes, row.costUsd, row.unpricedCalls]),
      ).toEqual([
        [{ project: null }, 1, 0, 0.5, 0],
        [{ project: 'blog' }, 1, 1, 0, 1],
        [{ project: 'shop' }, 2, 1, 0.25, 0],
      ]);
    }));

  test('adds up by status together with another dimension', () =>
    withCalls(async (ledger) => {
      const rows = await ledger.summarize({ by: ['status', 'provider'] });
      expect(rows.map((row) => [row.group, row.calls, row.successes])).toEqual([
        [{ status: 'cancelled', provider: 'openai' }, 1, 0],
        [{ status: 'error', provider: 'openai' }, 1, 0],
        [{ status: 'success', provider: 'local' }, 1, 1],
        [{ status: 'success', provider: 'openai' }, 1, 1],
      ]);
    }));

  test('adds up a part', () =>
    withCalls(async (ledger) => {
      const [row] = await ledger.summarize({ from: 200, before: 400 });
      expect(row).toMatchObject({ calls: 2, averageLatencyMs: 40 });
    }));

  test('adds nothing up to zeros', () =>
    withCalls(async (ledger) => {
      const zeros = {
        calls: 0,
        successes: 0,
        tokensIn: 0,
        tokensOut: 0,
        costUsd: 0,
        unpricedCalls: 0,
        cachedCalls: 0,
        savedUsd: 0,
        failures: 0,
        successRate: null,
        cacheHitRate: null,
        tokensSaved: 0,
        tokensCompressed: 0,
        averageTimeToFirstTokenMs: null,
        ratings: 0,
        averageRating: null,
      };
      expect(await ledger.summarize()).toEqual([{ group: {}, ...zeros, averageLatencyMs: 0 }]);
      expect(await ledger.summarize({ by: ['model'] })).toEqual([]);
    }, []));

  test('lists calls by what they cost and how long they took, and leaves out those of which it is not known', () =>
    withCalls(async (ledger) => {
      const ids = async (query: LedgerQuery) => (await ledger.list(query)).rows.map(({ id }) => id);
      expect(await ids({ sort: 'costUsd' })).toEqual(['4', '1', '2']);
      expect(await ids({ sort: 'latencyMs', order: 'ascending', provider: 'openai' })).toEqual([
        '1',
        '2',
        '4',
      ]);
    }));

  test('keeps the latest rating of a call', () =>
    withCalls(async (ledger) => {
      expect(await ledger.rate('1', 2)).toBe(true);
      expect(await ledger.rate('1', 4.5)).toBe(true);
      expect(await ledger.rate('3', 3)).toBe(true);
      expect(await ledger.rate('9', 1)).toBe(false);
      expect(await ledger.get('1')).toEqual({ ...CALLS[0], rating: 4.5 });
      expect(await ledger.summarize()).toMatchObject([{ calls: 4, ratings: 2, averageRating: 3.75 }]);
      await ledger.rate('1', null);
      expect(await ledger.summarize()).toMatchObject([{ ratings: 1, averageRating: 3 }]);
      await expect(ledger.rate('1', Number.NaN)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }));

  test('compares providers', () =>
    withCalls(async (ledger) => {
      const rows = await ledger.compare({ by: ['provider'] });
      expect(rows.map(({ group, calls, latency }) => [group.provider, calls, latency?.calls])).toEqual([
        ['local', 1, 1],
        ['openai', 3, 3],
      ]);
      expect(await ledger.compare({ provider: 'none', by: ['provider'] })).toEqual([]);
    }));

  test('an empty window of time has a point too', () =>
    withCalls(async (ledger) => {
      const points = await ledger.series({ from: 0, before: 7_200_000, unit: 'hour' });
      expect(points.map(({ start, end, calls }) => [start, end, calls])).toEqual([
        [0, 3_600_000, 4],
        [3_600_000, 7_200_000, 0],
      ]);
      const split = await ledger.series({ from: 0, before: 7_200_000, unit: 'hour', by: ['project'] });
      expect(split.map(({ start, group }) => [start, group.project])).toEqual([
        [0, null],
        [0, 'blog'],
        [0, 'shop'],
      ]);
    }));

  test('a cancelled report rejects with the reason', () =>
    withCalls(async (ledger) => {
      const signal = AbortSignal.abort(new Error('changed my mind'));
      await expect(ledger.summarize({ signal })).rejects.toBe(signal.reason);
    }));
});

describe('a record that cannot be kept', () => {
  test('is reported and does not throw', async () => {
    const onError = vi.fn();
    const ledger = createLedger({ store: createMemoryRecordStore(), onError });
    ledger.record(sampleCall('1', { tokensIn: Number.NaN }));
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        code: 'STORAGE',
        details: { callId: '1' },
        message: expect.stringMatching(/1.*tokensIn/),
      }),
    );
    await ledger.close();
    ledger.record(sampleCall('2'));
    expect(onError).toHaveBeenCalledTimes(2);
  });

  test('does not throw when the listener does', () => {
    const onError = () => {
      throw new Error('broken listener');
    };
    const ledger = createLedger({ store: createMemoryRecordStore(), onError });
    expect(() => ledger.record(sampleCall(''))).not.toThrow();
  });
});

test('a file of an earlier version keeps its records, and they are counted', async () => {
  const path = newFile();
  const earlier = createSqliteRecordStore({ path });
  const calls = earlier.collection({
    ...CALL_COLLECTION,
    migrations: CALL_COLLECTION.migrations.slice(0, 3),
  });
  const added = Object.keys(CALL_COLLECTION.migrations[3]?.addColumns ?? {});
  for (const record of CALLS) {
    calls.put(Object.fromEntries(Object.entries(record).filter(([name]) => !added.includes(name))));
  }
  await earlier.close();
  const ledger = sqliteLedger({ path });
  expect(await ledger.get('1')).toEqual(CALLS[0]);
  expect(await ledger.summarize()).toEqual([EVERYTHING]);
  ledger.record({ ...CALLS[0], id: '5', costUsd: 8 } as LedgerRecord);
  expect(await ledger.summarize()).toMatchObject([{ calls: 5, costUsd: 8.75 }]);
  await ledger.close();
});

test('records of an SQLite ledger are there when it is opened again', async () => {
  const path = newFile();
  const first = sqliteLedger({ path });
  for (const record of CALLS) first.record(record);
  await first.close();
  const second = sqliteLedger({ path });
  expect(await second.summarize()).toEqual([EVERYTHING]);
  await second.close();
});
