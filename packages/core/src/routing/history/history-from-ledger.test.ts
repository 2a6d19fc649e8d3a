import { expect, test } from 'vitest';
import type { LedgerRecord } from '../../ledger/ledger-record.js';
import { createHistory } from './history.js';
import { type HistoryRecord, historyFromLedger } from './history-from-ledger.js';

const NOW = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;

interface TaggedRecord extends HistoryRecord {
  readonly tags: readonly string[] | null;
}

const row = (part: Partial<TaggedRecord> = {}): TaggedRecord => ({
  startedAt: NOW,
  status: 'success',
  errorCode: null,
  provider: 'p',
  model: 'm',
  cache: null,
  latencyMs: 100,
  costUsd: 0.01,
  tags: ['code'],
  ...part,
});

async function* stream<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

const lookAfter = async (rows: readonly TaggedRecord[]) => {
  const history = createHistory({ clock: () => NOW });
  const snapshot = await historyFromLedger(stream(rows), {
    categoryOf: ({ tags }) => tags?.[0],
    clock: () => NOW,
  });
  history.load(snapshot);
  return history.look('p', 'm', 'code');
};

test('records of the ledger fit as they are', async () => {
  const rows: readonly LedgerRecord[] = [];
  expect(await historyFromLedger(stream(rows), { categoryOf: ({ operation }) => operation })).toEqual({
    version: 1,
    entries: [],
  });
});

test('each record counts by its age', async () => {
  const rows = [row(), row({ startedAt: NOW - 7 * DAY, status: 'error', errorCode: 'SERVER_ERROR' })];
  const figures = await lookAfter(rows);
  expect(figures.calls).toBeCloseTo(1.5);
  expect(figures.successRate).toBeCloseTo(1 / 1.5);
});

test.each([
  { status: 'error', errorCode: 'SERVER_ERROR' },
  { status: 'error', errorCode: 'INVALID_OUTPUT' },
  { status: 'retried', errorCode: 'RATE_LIMITED' },
  { status: 'interrupted', errorCode: null },
] as const)('%j counts as a failure, and its time does not', async (part) => {
  expect(await lookAfter([row(), row({ ...part, latencyMs: 2 })])).toMatchObject({
    calls: 2,
    successRate: 0.5,
    latencyMs: 100,
  });
});

test.each([
  { status: 'cancelled', errorCode: 'CANCELLED' },
  { status: 'error', errorCode: 'BAD_REQUEST' },
  { status: 'error', errorCode: 'CONTENT_FILTER' },
  { status: 'error', errorCode: 'BUSY' },
  { cache: 'hit' },
  { cache: 'joined' },
  { provider: null },
  { model: null },
  { tags: null },
] as const)('%j says nothing about the model', async (part) => {
  expect(await lookAfter([row(), row(part)])).toMatchObject({ calls: 1, successRate: 1 });
});

test('the host can know better how good an answer was', async () => {
  const snapshot = await historyFromLedger(stream([row(), row()]), {
    categoryOf: () => 'code',
    scoreOf: () => 0.25,
    clock: () => NOW,
  });
  expect(snapshot.entries).toMatchObject([{ calls: 2, successes: 0.5 }]);
});

test('it ends when it is cancelled, and lets go of the rows', async () => {
  const controller = new AbortController();
  let released = false;
  async function* endless(): AsyncGenerator<HistoryRecord> {
    try {
      for (let count = 0; ; count++) {
        if (count === 10) controller.abort(new Error('enough'));
        yield row();
      }
    } finally {
      released = true;
    }
  }
  const options = { categoryOf: () => 'code', signal: controller.signal };
  await expect(historyFromLedger(endless(), options)).rejects.toThrow('enough');
  expect(released).toBe(true);
});
