import fc from 'fast-check';
import { expect, test } from 'vitest';
import { worthBreakingPrefix } from './index.js';

/** As most vendors have it: a tenth for a read, a quarter more for a write. */
const price = { input: 3, cacheRead: 0.3, cacheWrite: 3.75 };

test('a small saving in a large cached prefix is not worth it', () => {
  expect(worthBreakingPrefix({ price, prefixTokens: 50_000, tokensSaved: 2_000 })).toEqual({
    worth: false,
    costToKeep: 50_000 * 0.3 * 5,
    costToBreak: 48_000 * (3.75 + 0.3 * 4),
  });
});

test('a large saving is, and the more so the more calls follow', () => {
  const saving = { price, prefixTokens: 50_000, tokensSaved: 40_000 };
  expect(worthBreakingPrefix({ ...saving, callsToCome: 0 }).worth).toBe(false);
  expect(worthBreakingPrefix({ ...saving, callsToCome: 4 }).worth).toBe(true);
});

test('without a cache, or where nothing is cached, every saving is worth it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.nat(100_000),
      fc.nat(50),
      (saved, cached, callsToCome) => {
        const tokensSaved = Math.min(saved, cached || saved);
        expect(
          worthBreakingPrefix({ price: { input: 3 }, prefixTokens: cached, tokensSaved, callsToCome }).worth,
        ).toBe(true);
        expect(worthBreakingPrefix({ price, prefixTokens: 0, tokensSaved: saved, callsToCome }).worth).toBe(
          true,
        );
      },
    ),
  );
});

test('saving nothing is never worth breaking a cache', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(50), (prefixTokens, callsToCome) => {
      expect(worthBreakingPrefix({ price, prefixTokens, tokensSaved: 0, callsToCome }).worth).toBe(false);
    }),
  );
});
