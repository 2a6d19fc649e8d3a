import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseByQuality } from './index.js';

const models = [
  { model: 'a:economy', probability: 0.7, examples: 140 },
  { model: 'b:standard', probability: 0.85, examples: 60 },
  { model: 'c:premium', probability: 0.95, examples: 1 },
];
const costs = { 'a:economy': 1, 'b:standard': 10, 'c:premium': 40 };

const order = (question: Partial<Parameters<typeof chooseByQuality>[0]>): string[] =>
  chooseByQuality({ probabilities: models, costs, qualityThreshold: 0.8, ...question }).map(
    ({ model }) => model,
  );

test('the cheapest model that is good enough goes first, and each says why it stands where it stands', () => {
  const chosen = chooseByQuality({ probabilities: models, costs, qualityThreshold: 0.8 });
  expect(chosen).toEqual([
    {
      model: 'b:standard',
      probability: 0.85,
      cost: 10,
      reason:
        'b:standard: 85 % success expected (60 examples), the cheapest of those that reach the wanted 80 %',
    },
    {
      model: 'c:premium',
      probability: 0.95,
      cost: 40,
      reason:
        'c:premium: 95 % success expected (1 example), number 2 by cost of those that reach the wanted 80 %',
    },
    {
      model: 'a:economy',
      probability: 0.7,
      cost: 1,
      reason: 'a:economy: 70 % success expected (140 examples), below the wanted 80 %',
    },
  ]);
});

test('a low threshold is met by the cheapest, a high one only by the best', () => {
  expect(order({ qualityThreshold: 0.5 })[0]).toBe('a:economy');
  expect(order({ qualityThreshold: 0.9 })[0]).toBe('c:premium');
});

test('where none is good enough the best goes first, or a cheaper one that comes close', () => {
  expect(order({ qualityThreshold: 0.99 })).toEqual(['c:premium', 'b:standard', 'a:economy']);
  expect(order({ qualityThreshold: 0.99, tolerance: 0.1 })).toEqual(['b:standard', 'c:premium', 'a:economy']);
});

test('a model whose cost is not known comes after those whose cost is', () => {
  const [first, second] = chooseByQuality({
    probabilities: models,
    costs: { 'c:premium': 40 },
    qualityThreshold: 0.8,
  });
  expect(first?.model).toBe('c:premium');
  expect(second).toMatchObject({ model: 'b:standard' });
  expect(second).not.toHaveProperty('cost');
});

test('nothing is chosen from nothing', () => {
  expect(order({ probabilities: [] })).toEqual([]);
});

test('every model has a place, and none that is good enough and cheaper stands behind', () => {
  const one = fc.record({
    model: fc.string({ minLength: 1 }),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    cost: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(one, { selector: ({ model }) => model, minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (probabilities, qualityThreshold) => {
        const priced = Object.fromEntries(probabilities.map(({ model, cost }) => [model, cost]));
        const chosen = chooseByQuality({ probabilities, costs: priced, qualityThreshold });
        expect(chosen.map(({ model }) => model).toSorted()).toEqual(
          probabilities.map(({ model }) => model).toSorted(),
        );
        const fit = probabilities.filter(({ probability }) => probability >= qualityThreshold);
        if (fit.length === 0) return;
        expect(chosen[0]?.cost).toBe(Math.min(...fit.map(({ cost }) => cost)));
        expect(chosen[0]?.probability).toBeGreaterThanOrEqual(qualityThreshold);
      },
    ),
  );
});
