import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExploration } from './exploration.js';
import { createHistory } from './history.js';
import type { HistoryCandidate } from './history-candidate.js';
import { type RankOptions, rankByHistory } from './rank-by-history.js';

interface Seen extends HistoryCandidate {
  readonly successes: number;
  readonly calls: number;
}

const seen = (model: string, price: number | undefined, successes: number, calls: number): Seen => ({
  provider: 'openai',
  model,
  price,
  tier: 'economy',
  successes,
  calls,
});

const rank = (candidates: readonly Seen[], options?: RankOptions) => {
  const history = createHistory({ clock: () => 0 });
  for (const { provider, model, successes, calls } of candidates) {
    for (let call = 0; call < calls; call++) {
      history.record({ provider, model, category: 'code', success: call < successes ? 1 : 0 });
    }
  }
  return rankByHistory(candidates, ({ provider, model }) => history.look(provider, model, 'code'), options);
};

const order = (candidates: readonly Seen[], options?: RankOptions) =>
  rank(candidates, options).map(({ candidate }) => candidate.model);

test('the cheapest model that is good enough goes first, with a reason', () => {
  const ranked = rank([
    seen('gpt-4o', 5, 198, 200),
    seen('gpt-4o-mini', 0.3, 129, 140),
    seen('gpt-nano', 0.1, 60, 140),
  ]);
  expect(ranked.map(({ reason }) => reason)).toEqual([
    'openai:gpt-4o-mini: cheapest economy, 92 % success over 140 calls',
    'openai:gpt-4o: number 2 by price, economy, 99 % success over 200 calls',
    'openai:gpt-nano: below 80 %, 42 % success over 140 calls',
  ]);
});

test('three lucky calls do not win', () => {
  expect(order([seen('lucky', 0.1, 3, 3), seen('steady', 1, 95, 100)])).toEqual(['steady', 'lucky']);
});

test('without history the order stays as it was given', () => {
  const candidates = [seen('b', 2, 0, 0), seen('a', 1, 0, 0), seen('c', undefined, 0, 0)];
  const ranked = rank(candidates);
  expect(ranked.map(({ candidate }) => candidate)).toEqual(candidates);
  expect(ranked[0]?.reason).toBe('openai:b: not proven yet, no history');
});

test('eleven calls without a failure are proof, and ten are not', () => {
  expect(rank([seen('a', 1, 11, 11)])[0]?.standing).toBe('proven');
  expect(rank([seen('a', 1, 10, 10)])[0]?.standing).toBe('unproven');
});

test('a model slightly above the threshold is proven by its mean after twenty calls', () => {
  expect(rank([seen('a', 1, 17, 20)])[0]?.standing).toBe('proven');
  expect(rank([seen('a', 1, 16, 19)])[0]?.standing).toBe('unproven');
});

test('failures are believed sooner than the twentieth call when they are many', () => {
  expect(rank([seen('a', 1, 1, 6)])[0]?.standing).toBe('failing');
});

test('when all fail, the best of them goes first', () => {
  expect(order([seen('worst', 1, 5, 50), seen('best', 9, 35, 50), seen('middle', 5, 20, 50)])).toEqual([
    'best',
    'middle',
    'worst',
  ]);
});

test('a price that is not known comes after every price that is', () => {
  expect(order([seen('unknown', undefined, 99, 100), seen('dear', 100, 99, 100)])).toEqual([
    'dear',
    'unknown',
  ]);
});

const always = { take: () => true };

test('exploration tries the least known of the cheaper models first', () => {
  const candidates = [
    seen('proven', 5, 100, 100),
    seen('cheap', 1, 3, 3),
    seen('cheaper', 0.5, 0, 0),
    seen('dearer', 9, 0, 0),
    seen('failing', 0.1, 0, 30),
  ];
  const [first, second] = rank(candidates, { exploration: always });
  expect(first).toMatchObject({ candidate: { model: 'cheaper' }, explored: true });
  expect(first?.reason).toBe('openai:cheaper: tried out, cheaper than the first choice, no history');
  expect(second).toMatchObject({ candidate: { model: 'proven' }, explored: false });
});

test('exploration is asked only when there is a model to try', () => {
  const exploration = {
    take: () => {
      throw new Error('asked');
    },
  };
  expect(order([seen('a', 1, 100, 100), seen('b', 2, 0, 0)], { exploration })).toEqual(['a', 'b']);
  expect(order([seen('b', 2, 0, 0), seen('a', 1, 0, 0)], { exploration })).toEqual(['b', 'a']);
});

test('exploration is off unless it is asked for', () => {
  expect(rank([seen('a', 2, 100, 100), seen('b', 1, 0, 0)]).some(({ explored }) => explored)).toBe(false);
});

test('exploration keeps its share of calls and its bound for any hour', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.array(
        fc.record({
          wait: fc.integer({ min: 0, max: 600_000 }),
          roll: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }),
      ),
      (maxPerHour, calls) => {
        let now = 0;
        let roll = 0;
        const exploration = createExploration({
          share: 0.5,
          maxPerHour,
          random: () => roll,
          clock: () => now,
        });
        const taken: number[] = [];
        for (const call of calls) {
          now += call.wait;
          roll = call.roll;
          const free = taken.filter((time) => time > now - 3_600_000).length < maxPerHour;
          expect(exploration.take()).toBe(free && roll < 0.5);
          if (free && roll < 0.5) taken.push(now);
        }
      },
    ),
  );
});

const figuresList = fc.array(
  fc.record({
    price: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    calls: fc.integer({ min: 0, max: 60 }),
    rate: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 12 },
);

test('every candidate is in the answer once, and no proven one stands behind one that is dearer', () => {
  fc.assert(
    fc.property(figuresList, fc.boolean(), (list, explore) => {
      const candidates = list.map(({ price, calls, rate }, index) =>
        seen(`m${index}`, price, Math.round(rate * calls), calls),
      );
      const ranked = rank(candidates, explore ? { exploration: always } : {});
      expect(new Set(ranked.map(({ candidate }) => candidate))).toEqual(new Set(candidates));
      expect(ranked).toHaveLength(candidates.length);
      const proven = ranked.filter(({ standing, explored }) => standing === 'proven' && !explored);
      const prices = proven.map(({ candidate }) => candidate.price ?? Number.POSITIVE_INFINITY);
      expect(prices).toEqual(prices.toSorted((a, b) => (a === b ? 0 : a - b)));
      const places = ranked
        .filter(({ explored }) => !explored)
        .map(({ standing }) => ['proven', 'unproven', 'failing'].indexOf(standing));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }),
  );
});

test.each([{ threshold: 1.5 }, { threshold: Number.NaN }, { minCalls: 0 }])('%j is refused', (options) => {
  expect(() => rank([], options)).toThrow(/must be a number/);
});
