import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilsonInterval } from './wilson-interval.js';

const Z = 1.6448536269514722;

test.each([
  [3, 3, 0.526],
  [11, 11, 0.803],
  [129, 140, 0.876],
  [80, 100, 0.727],
])('%i successes of %i calls have a lower bound of %d', (successes, calls, lower) => {
  expect(wilsonInterval(successes, calls).lower).toBeCloseTo(lower, 3);
});

const observed = fc
  .record({
    calls: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    rate: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ calls, rate }) => ({ calls, successes: rate * calls }));

test('a bound is the rate at which what was seen is exactly z standard errors away', () => {
  fc.assert(
    fc.property(observed, ({ calls, successes }) => {
      const { lower, upper } = wilsonInterval(successes, calls);
      for (const bound of [lower, upper]) {
        const distance = Math.abs(successes / calls - bound);
        expect(distance).toBeCloseTo(Z * Math.sqrt((bound * (1 - bound)) / calls), 6);
      }
    }),
  );
});

test('the bounds hold the rate between them, and more of the same draws them together', () => {
  fc.assert(
    fc.property(observed, ({ calls, successes }) => {
      const few = wilsonInterval(successes, calls);
      const many = wilsonInterval(successes * 2, calls * 2);
      const rate = successes / calls;
      expect(few.lower).toBeLessThanOrEqual(rate + 1e-12);
      expect(few.upper).toBeGreaterThanOrEqual(rate - 1e-12);
      expect(many.lower).toBeGreaterThanOrEqual(few.lower - 1e-12);
      expect(many.upper).toBeLessThanOrEqual(few.upper + 1e-12);
    }),
  );
});

test('without calls nothing is known', () => {
  expect(wilsonInterval(0, 0)).toEqual({ lower: 0, upper: 1 });
});
