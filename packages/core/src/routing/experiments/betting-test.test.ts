import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bet, logEvidence, newBettingTest } from './betting-test.js';

const STAKES = [0.1, 0.5, 0.9];
const value = fc.double({ min: -1, max: 20, noNaN: true });

test('the evidence is the mean of what the gamblers have', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 30 }), (values) => {
      const played = newBettingTest(STAKES);
      for (const one of values) bet(played, one);
      const wealth = STAKES.map((stake) => values.reduce((product, one) => product * (1 + stake * one), 1));
      const together = wealth.reduce((sum, one) => sum + one, 0) / wealth.length;
      expect(logEvidence(played)).toBeCloseTo(Math.log(together), 6);
    }),
  );
});

test('a fair bet gains nothing on average, whatever was seen before', () => {
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 10 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (before, low) => {
        const gain = (1 - low) / low;
        const after = (one: number): number => {
          const played = newBettingTest(STAKES);
          for (const seen of before) bet(played, seen);
          bet(played, one);
          return Math.exp(logEvidence(played));
        };
        const start = newBettingTest(STAKES);
        for (const seen of before) bet(start, seen);
        const now = Math.exp(logEvidence(start));
        // A loss of all with probability 1 − low, and a gain that just makes up for it.
        const expected = low * after(gain) + (1 - low) * after(-1);
        expect(expected / now).toBeCloseTo(1, 6);
      },
    ),
  );
});

test('the peak is kept when the evidence falls', () => {
  const played = newBettingTest(STAKES);
  for (let count = 0; count < 5; count++) bet(played, 1);
  const { peak } = played;
  for (let count = 0; count < 5; count++) bet(played, -1);
  expect(played.peak).toBe(peak);
  expect(logEvidence(played)).toBeLessThan(peak);
});
