import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ledger, LedgerFilter, LedgerRecord, LedgerStatisticQuery } from '../src/ledger/index.js';
import type { CalendarUnit } from '../src/time/calendar.js';
import { calendarWindow } from '../src/time/calendar.js';
import {
  chosen,
  grouped,
  naiveCompression,
  naivePercentile,
  naiveSavings,
  naiveSummary,
} from './naive-statistics.js';
import { sampleCall } from './sample-call.js';

const HOUR = 3_600_000;
/** Days around one on which the clocks of Berlin change. */
const FROM = Date.UTC(2026, 2, 26, 20);
const UNTIL = Date.UTC(2026, 3, 8, 4);

const time = fc.oneof(
  fc.integer({ min: FROM, max: UNTIL }),
  fc.integer({ min: FROM / HOUR, max: UNTIL / HOUR }).map((hour) => hour * HOUR),
);
// Sums of such fractions are exact, whatever the order.
const amount = fc.integer({ min: 0, max: 4_000 }).map((number) => number / 1_024);
const tokens = fc.integer({ min: 0, max: 5_000 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 4 });
const duration = fc.oneof(fc.integer({ min: 0, max: 90_000 }), amount);

const fields = fc.record({
  startedAt: time,
  status: fc.constantFrom('success', 'success', 'success', 'error', 'cancelled', 'interrupted', 'retried'),
  provider: fc.constantFrom('openai', 'local', null),
  model: fc.constantFrom('gpt', 'llama', '', null),
  category: fc.constantFrom('code', 'chat', null),
  project: fc.constantFrom('shop', 'blog', null),
  user: fc.constantFrom('ann', 'bob'),
  tags: fc.constantFrom(null, [], ['a'], ['a', 'b"']),
  cache: fc.constantFrom(null, null, 'hit', 'joined'),
  tokensIn: tokens,
  tokensOut: tokens,
  tokensCacheRead: maybe(tokens),
  tokensCacheWrite: maybe(tokens),
  costUsd: maybe(amount),
  savedUsd: maybe(amount),
  tokensSaved: maybe(tokens),
  latencyMs: maybe(duration),
  timeToFirstTokenMs: maybe(duration),
  rating: maybe(fc.integer({ min: 1, max: 5 })),
  tokensBeforeCompression: maybe(tokens),
  tokensAfterCompression: maybe(tokens),
  compression: fc.constantFrom(null, {}, { fold: 3 }, { fold: 4, trim: 7 }),
} satisfies Partial<Record<keyof LedgerRecord, fc.Arbitrary<unknown>>>);

const id = fc.integer({ min: 0, max: 30 }).map((number) => `call-${String(number).padStart(2, '0')}`);
const history = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('record' as const), id, fields }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('rate' as const),
        id,
        rating: maybe(fc.integer({ min: 1, max: 5 })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('amend' as const), id, costUsd: amount, tokensOut: tokens }),
    },
  ),
  { maxLength: 60 },
);

const dimensions = fc.constantFrom<LedgerStatisticQuery['by'][]>(
  undefined,
  [],
  ['provider'],
  ['model'],
  ['provider', 'model'],
  ['category'],
  ['category', 'model'],
  ['project'],
  ['project', 'provider'],
  ['user'],
  ['status'],
  ['status', 'provider'],
  ['user', 'category'],
);
const filters = fc.record(
  {
    from: time,
    before: time,
    provider: fc.constantFrom('openai', 'local'),
    model: fc.constantFrom('gpt', ''),
    status: fc.constantFrom('success', 'error', 'retried'),
    category: fc.constantFrom('code'),
    project: fc.constantFrom('shop', 'none'),
    user: fc.constantFrom('ann'),
    tag: fc.constantFrom('a', 'b"'),
  } as const,
  { requiredKeys: [] },
);
const someFilter = fc.oneof(
  fc.constant({}),
  filters,
  fc.record({ from: time }),
  fc.record({ from: time, before: time }),
);
const questions = fc.record({
  by: dimensions,
  filter: someFilter,
  unit: fc.constantFrom<CalendarUnit[]>('hour', 'day', 'week', 'month'),
  timeZone: fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'America/St_Johns',
  ),
});

/** Does to a ledger what a history says; the result is what the ledger should then hold. */
const perform = async (
  ledger: Ledger,
  events: readonly (typeof history extends fc.Arbitrary<(infer Event)[]> ? Event : never)[],
) => {
  const records = new Map<string, LedgerRecord>();
  for (const event of events) {
    const known = records.get(event.id);
    if (event.kind === 'record') {
      const record = sampleCall(event.id, event.fields as Partial<LedgerRecord>);
      ledger.record(record);
      records.set(event.id, record);
    } else if (event.kind === 'rate') {
      expect(await ledger.rate(event.id, event.rating)).toBe(known !== undefined);
      if (known !== undefined) records.set(event.id, { ...known, rating: event.rating });
    } else {
      const { costUsd, tokensOut } = event;
      ledger.amend(event.id, { costUsd, tokensOut });
      if (known !== undefined) records.set(event.id, { ...known, costUsd, tokensOut });
    }
  }
  return [...records.values()];
};

const byGroup = (left: { readonly group: object }, right: { readonly group: object }): number =>
  JSON.stringify(left.group) < JSON.stringify(right.group) ? -1 : 1;

const isWithin = (found: number | undefined, exact: number | undefined): void => {
  if (exact === undefined) expect(found).toBeUndefined();
  else expect(Math.abs((found ?? Number.NaN) - exact)).toBeLessThanOrEqual(Math.max(exact * 0.016, 1 / 64));
};

/** Proves that every statistic of a ledger is what a plain look at its records gives. */
export const describeLedgerStatistics = (name: string, open: () => Ledger): void => {
  describe(`the statistics of a ledger ${name}`, () => {
    test('are what a plain look at the records gives', async () => {
      await fc.assert(
        fc.asyncProperty(
          history,
          fc.array(questions, { minLength: 1, maxLength: 4 }),
          async (events, asked) => {
            const ledger = open();
            try {
              const records = await perform(ledger, events);
              for (const question of asked) await compare(ledger, records, question);
            } finally {
              await ledger.close();
            }
          },
        ),
        { numRuns: 60 },
      );
    }, 120_000);
  });
};

const compare = async (
  ledger: Ledger,
  records: readonly LedgerRecord[],
  { by, filter, unit, timeZone }: typeof questions extends fc.Arbitrary<infer Question> ? Question : never,
): Promise<void> => {
  const rows = chosen(records, filter);
  const expected = grouped(rows, by).map(([group, some]) => naiveSummary(group, some));
  const summaries = await ledger.summarize({ ...filter, by });
  expect([...summaries].sort(byGroup)).toEqual(expected.sort(byGroup));

  const { from = FROM, before = UNTIL }: LedgerFilter = filter;
  if (from < before) {
    const points = await ledger.series({ ...filter, from, before, by, unit, timeZone });
    const windows = Map.groupBy(chosen(records, { ...filter, from, before }), ({ startedAt }) =>
      JSON.stringify(calendarWindow(startedAt, unit, timeZone)),
    );
    for (const [window, some] of windows) {
      const { start, end } = JSON.parse(window) as { start: number; end: number };
      const found = points.filter((point) => point.start === start);
      const wanted = grouped(some, by).map(([group, few]) => ({ start, end, ...naiveSummary(group, few) }));
      expect([...found].sort(byGroup)).toEqual(wanted.sort(byGroup));
    }
    const others = points.filter(({ start, end }) => !windows.has(JSON.stringify({ start, end })));
    expect(others.every((point) => point.calls === 0 && (by ?? []).length === 0)).toBe(true);
  }

  for (const { group, latency, timeToFirstToken } of await ledger.latency({ ...filter, by })) {
    const some =
      grouped(rows, by).find(([other]) => JSON.stringify(other) === JSON.stringify(group))?.[1] ?? [];
    for (const hundredths of [50, 90, 95, 99] as const) {
      isWithin(latency?.[`p${hundredths}`], naivePercentile(some, 'latencyMs', hundredths));
      isWithin(timeToFirstToken?.[`p${hundredths}`], naivePercentile(some, 'timeToFirstTokenMs', hundredths));
    }
  }

  expect(await ledger.compression(filter)).toEqual(naiveCompression(rows));
  const savings = await ledger.savings({ ...filter, premium: { input: 8, output: 32, cacheRead: 2 } });
  expect(savings).toEqual(naiveSavings(rows));

  const sorted = [...rows].sort(
    (left, right) => left.startedAt - right.startedAt || (left.id < right.id ? -1 : 1),
  );
  const exported: string[] = [];
  for await (const text of ledger.export({ ...filter, format: 'json' })) exported.push(text);
  // A clock of today does not export what is yet to come.
  expect(JSON.parse(exported.join(''))).toEqual(sorted.filter(({ startedAt }) => startedAt <= Date.now()));
};
