import fc from 'fast-check';
import { expect, test } from 'vitest';
import { armDealer, assignArm } from './assign-arm.js';
import { keyedHash } from './keyed-hash.js';

const subjects = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`);
const share = fc.double({ min: 0, max: 1, noNaN: true });

test('a subject always gets the same arm', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), share, (id, subject, part) => {
      expect(assignArm({ id, share: part }, subject)).toBe(assignArm({ id, share: part }, subject));
    }),
  );
});

test('the arms are what they were when this was released', () => {
  const arms = subjects(12).map((subject) => assignArm({ id: 'cheaper-code', share: 0.5 }, subject)[1]);
  expect(arms.join('')).toMatchInlineSnapshot(`"hhhhohohohho"`);
});

test('a larger share moves nobody back to the control', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), share, share, (id, subject, one, other) => {
      const [small, large] = [Math.min(one, other), Math.max(one, other)];
      if (assignArm({ id, share: small }, subject) === 'challenger') {
        expect(assignArm({ id, share: large }, subject)).toBe('challenger');
      }
    }),
  );
});

test.each([
  [0, 'control'],
  [1, 'challenger'],
])('with a share of %i everybody gets the %s', (part, arm) => {
  for (const subject of subjects(500)) expect(assignArm({ id: 'x', share: part }, subject)).toBe(arm);
});

/** Pearson's statistic for counts that should be equal. */
const unevenness = (counts: readonly number[]): number => {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

/** Of the chi-square distribution with 15 degrees of freedom: what chance exceeds once in a thousand. */
const CHI_SQUARE_15 = 37.7;

test('the hash of similar subjects is spread evenly', () => {
  const counts = new Array<number>(16).fill(0);
  const hash = keyedHash('x');
  for (const subject of subjects(20_000)) counts[Math.floor(hash.share(subject) * 16)]! += 1;
  expect(unevenness(counts)).toBeLessThan(CHI_SQUARE_15);
});

test('the arm in one experiment says nothing about the arm in another, the shadow or the mark', () => {
  const [one, other] = [armDealer('one'), armDealer('two')];
  const counts = new Array<number>(16).fill(0);
  for (const subject of subjects(20_000)) {
    const bits = [
      one.arm(subject, 0.5) === 'control',
      other.arm(subject, 0.5) === 'control',
      one.shadow(subject, 0.5),
      one.mark.integer(subject) % 2 === 0,
    ];
    counts[bits.reduce((number, bit) => number * 2 + (bit ? 1 : 0), 0)]! += 1;
  }
  expect(unevenness(counts)).toBeLessThan(CHI_SQUARE_15);
});
