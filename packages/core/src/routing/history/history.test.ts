import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistory, type HistoryOptions } from './history.js';
import type { HistoryOutcome } from './history-outcome.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);

const at = (time: number, options: HistoryOptions = {}) =>
  createHistory({ clock: () => time, halfLifeMs: 7 * DAY, ...options });

const outcome = (part: Partial<HistoryOutcome> = {}): HistoryOutcome => ({
  provider: 'openai',
  model: 'gpt-4o-mini',
  category: 'code',
  success: 1,
  ...part,
});

test('a model that was never called has no history', () => {
  expect(at(NOW).look('openai', 'gpt-4o-mini', 'code')).toEqual({
    calls: 0,
    successRate: undefined,
    lowerBound: 0,
    upperBound: 1,
    latencyMs: undefined,
    costUsd: undefined,
  });
});

test('an outcome counts half after each half-life, and the newer ones decide', () => {
  const history = at(NOW);
  history.record(outcome({ success: 0, at: NOW - 14 * DAY }));
  history.record(outcome({ success: 1, at: NOW - 7 * DAY }));
  history.record(outcome({ success: 1, at: NOW }));
  const figures = history.look('openai', 'gpt-4o-mini', 'code');
  expect(figures.calls).toBeCloseTo(1.75);
  expect(figures.successRate).toBeCloseTo(1.5 / 1.75);
});

test('the same evidence says less when it is old, and the rate stays', () => {
  let time = NOW;
  const history = createHistory({ clock: () => time });
  for (let call = 0; call < 100; call++) history.record(outcome({ success: call % 10 === 0 ? 0 : 1 }));
  const fresh = history.look('openai', 'gpt-4o-mini', 'code');
  time += 28 * DAY;
  const old = history.look('openai', 'gpt-4o-mini', 'code');
  expect(old.calls).toBeCloseTo(fresh.calls / 16);
  expect(old.successRate).toBeCloseTo(0.9);
  expect(old.lowerBound).toBeLessThan(fresh.lowerBound - 0.1);
  expect(old.upperBound).toBeGreaterThan(fresh.upperBound);
});

test('latency and cost are means over the calls that have them', () => {
  const history = at(NOW);
  history.record(outcome({ latencyMs: 100, costUsd: 0.01 }));
  history.record(outcome({ latencyMs: 300, costUsd: null }));
  history.record(outcome({ latencyMs: null, costUsd: 0.03 }));
  expect(history.look('openai', 'gpt-4o-mini', 'code')).toMatchObject({ latencyMs: 200, costUsd: 0.02 });
});

test('provider, model and category are told apart', () => {
  const history = at(NOW);
  history.record(outcome());
  for (const other of [{ provider: 'azure' }, { model: 'gpt-4o' }, { category: 'chat' }]) {
    const { provider, model, category } = outcome(other);
    expect(history.look(provider, model, category).calls).toBe(0);
  }
});

test('an outcome of the future counts as one of now', () => {
  const history = at(NOW);
  history.record(outcome({ at: NOW + 1_000 * DAY }));
  history.record(outcome({ success: 0, at: NOW }));
  expect(history.look('openai', 'gpt-4o-mini', 'code')).toMatchObject({ calls: 2, successRate: 0.5 });
});

const outcomes = fc.array(
  fc.record({
    success: fc.double({ min: 0, max: 1, noNaN: true }),
    age: fc.integer({ min: 0, max: 60 * DAY }),
    latencyMs: fc.option(fc.integer({ min: 0, max: 60_000 })),
    costUsd: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
  }),
  { minLength: 1, maxLength: 40 },
);

test('the figures are the weighted means, in whatever order the outcomes came', () => {
  fc.assert(
    fc.property(outcomes, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (all, order) => {
      const history = at(NOW);
      const shuffled = all
        .map((one) => ({ one, key: order.next().value as number }))
        .sort((a, b) => a.key - b.key);
      for (const { one } of shuffled) history.record(outcome({ ...one, at: NOW - one.age }));
      const weight = (age: number) => 2 ** (-age / (7 * DAY));
      const sum = (value: (one: (typeof all)[number]) => number) =>
        all.reduce((total, one) => total + weight(one.age) * value(one), 0);
      const figures = history.look('openai', 'gpt-4o-mini', 'code');
      expect(figures.calls).toBeCloseTo(
        sum(() => 1),
        8,
      );
      expect(figures.successRate).toBeCloseTo(sum((one) => one.success) / sum(() => 1), 8);
      const timed = sum((one) => (one.latencyMs === null ? 0 : 1));
      if (timed === 0) expect(figures.latencyMs).toBeUndefined();
      else expect(figures.latencyMs).toBeCloseTo(sum((one) => one.latencyMs ?? 0) / timed, 5);
    }),
  );
});

test('a snapshot survives JSON and gives the same figures', () => {
  const history = at(NOW);
  history.record(outcome({ latencyMs: 120, costUsd: 0.002, at: NOW - 3 * DAY }));
  history.record(outcome({ category: 'two\nlines', success: 0.25 }));
  const copy = at(NOW);
  copy.load(JSON.parse(JSON.stringify(history.snapshot())));
  for (const category of ['code', 'two\nlines']) {
    expect(copy.look('openai', 'gpt-4o-mini', category)).toEqual(
      history.look('openai', 'gpt-4o-mini', category),
    );
  }
});

test('loading takes the place of what was known', () => {
  const history = at(NOW);
  history.record(outcome({ model: 'gpt-4o' }));
  history.load(at(NOW).snapshot());
  expect(history.look('openai', 'gpt-4o', 'code').calls).toBe(0);
});

test.each([
  [{}, 'no snapshot'],
  [{ version: 2, entries: [] }, 'no snapshot'],
  [{ version: 1, entries: [{ provider: 'a' }] }, 'Entry 0'],
  [{ version: 1, entries: [null] }, 'Entry 0'],
])('%j is refused as a snapshot', (snapshot, message) => {
  expect(() => at(NOW).load(snapshot as never)).toThrow(message);
});

test.each([
  [{ success: 1.01 }, 'success'],
  [{ success: Number.NaN }, 'success'],
  [{ latencyMs: -1 }, 'latencyMs'],
  [{ costUsd: Number.POSITIVE_INFINITY }, 'costUsd'],
  [{ at: Number.NaN }, '"at"'],
])('an outcome with %j is refused and leaves no trace', (part, message) => {
  const history = at(NOW);
  expect(() => history.record(outcome(part))).toThrow(message);
  expect(history.snapshot().entries).toEqual([]);
});

test('when there are too many models, those with the least calls are forgotten', () => {
  const history = at(NOW, { maxEntries: 10 });
  for (let call = 0; call < 5; call++) history.record(outcome({ model: 'kept' }));
  for (let model = 0; model < 100; model++) history.record(outcome({ model: `m${model}` }));
  expect(history.snapshot().entries.length).toBeLessThanOrEqual(10);
  expect(history.look('openai', 'kept', 'code').calls).toBe(5);
});

test.each([{ halfLifeMs: 0 }, { halfLifeMs: Number.NaN }, { maxEntries: 0 }, { syncMs: -1 }])(
  'options %j are refused',
  (options) => {
    expect(() => createHistory(options)).toThrow(/must be a number/);
  },
);

test('a call that ends after closing does no harm', async () => {
  const history = at(NOW);
  await history.close();
  await history.close();
  history.record(outcome());
  expect(history.look('openai', 'gpt-4o-mini', 'code').calls).toBe(1);
});
