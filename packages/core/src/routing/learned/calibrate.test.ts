import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calibrate } from './calibrate.js';
import { seededRandom } from './hash.js';
import { UNCALIBRATED } from './router-state.js';

/** Examples whose success follows the log odds `slope * moved + intercept`. */
const following = (slope: number, intercept: number, count: number) => {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => {
    const moved = 4 * random() - 2;
    const success = random() < 1 / (1 + Math.exp(-(slope * moved + intercept))) ? 1 : 0;
    return { base: 0, moved, known: 1, success, weight: 1 };
  });
};

test('finds the slope and the intercept that the examples follow', () => {
  const { slope, intercept, familiar } = calibrate(following(0.4, 0.7, 20_000), UNCALIBRATED);
  expect(slope).toBeCloseTo(0.4, 1);
  expect(intercept).toBeCloseTo(0.7, 1);
  expect(familiar).toBe(1);
});

test('stays near where it began with few examples, and there with none', () => {
  const { slope, intercept } = calibrate(following(0, 3, 4), UNCALIBRATED);
  expect(Math.abs(slope - 1)).toBeLessThan(0.5);
  expect(Math.abs(intercept)).toBeLessThan(0.5);
  expect(calibrate([], UNCALIBRATED)).toBe(UNCALIBRATED);
});

test('uses nothing of what is worse than nothing', () => {
  expect(calibrate(following(-1, 0, 2000), UNCALIBRATED).slope).toBe(0);
});

test('gives numbers that can be used, whatever was held out', () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const heldOut = fc.record({
    base: number(-8, 8),
    moved: number(-50, 50),
    known: number(0, 1),
    success: number(0, 1),
    weight: number(0, 100),
  });
  fc.assert(
    fc.property(fc.array(heldOut, { maxLength: 40 }), (examples) => {
      const { slope, intercept, familiar } = calibrate(examples, UNCALIBRATED);
      expect(slope).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(slope + intercept)).toBe(true);
      expect(familiar).toBeGreaterThan(0);
      expect(familiar).toBeLessThanOrEqual(1);
    }),
  );
});
