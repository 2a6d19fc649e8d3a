import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCumulativeCost, readUsage } from './read-usage.js';

const sumOf = (totals: readonly unknown[]): number | undefined => {
  const cost = createCumulativeCost();
  for (const total of totals) cost.add(total);
  return cost.sum();
};

test('4.6.2 however often a running total is reported, the sum is the last one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (steps) => {
      let total = 0;
      const totals = steps.map((step) => (total += step));
      expect(sumOf(totals)).toBe(total);
    }),
  );
});

test('a total that falls began anew, and one that is missing is not zero', () => {
  expect(sumOf([3, 5, 2])).toBe(7);
  expect(sumOf([undefined, null, 'x'])).toBeUndefined();
});

test('usage of the main conversation counts where that of the models is missing, and none is not zero', () => {
  const usage = { input_tokens: 5, output_tokens: 7, cache_read_input_tokens: 3 };
  expect(readUsage({ usage })).toMatchObject({
    inputTokens: { total: 8, noCache: 5, cacheRead: 3, cacheWrite: undefined },
    outputTokens: { total: 7 },
  });
  expect(readUsage({}).inputTokens.total).toBeUndefined();
});
