import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usageOf } from '../../test/scripted-provider.js';
import type { Usage } from '../model/usage.js';
import { UNKNOWN_USAGE } from '../model/usage.js';
import { blendedPrice, computeCost, type Price } from './price.js';

const cached = (total: number, cacheRead: number, cacheWrite: number, output: number): Usage => ({
  inputTokens: { total, noCache: undefined, cacheRead, cacheWrite },
  outputTokens: { total: output, text: undefined, reasoning: undefined },
  estimated: false,
});

test('non-cached input, cached reads, cache writes and output each have their own price', () => {
  const price: Price = { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 };
  const cost = computeCost(cached(1_000_000, 600_000, 100_000, 500_000), price);
  expect(cost.costUsd).toBeCloseTo(0.3 * 2 + 0.6 * 0.5 + 0.1 * 2.5 + 0.5 * 8, 10);
  expect(cost).toMatchObject({ tokensIn: 1_000_000, tokensOut: 500_000, estimated: false });
});

test('a cache without a price of its own costs as much as other input', () => {
  const price: Price = { input: 2, output: 0 };
  expect(computeCost(cached(1_000, 400, 100, 0), price)).toEqual(computeCost(usageOf(1_000, 0), price));
});

test('the price of long contexts holds for the whole call, and only above the limit', () => {
  const price: Price = { input: 1, output: 1, longContext: { input: 2, output: 3, aboveInputTokens: 1_000 } };
  expect(computeCost(usageOf(1_000, 10), price).costUsd).toBeCloseTo(0.00101, 12);
  expect(computeCost(usageOf(1_001, 10), price).costUsd).toBeCloseTo((1_001 * 2 + 10 * 3) / 1e6, 12);
});

test('an unknown price makes an unknown cost, never zero; a free model costs zero', () => {
  expect(computeCost(usageOf(10, 10), undefined).costUsd).toBeNull();
  expect(computeCost(UNKNOWN_USAGE, undefined)).toEqual({
    tokensIn: 0,
    tokensOut: 0,
    costUsd: null,
    estimated: false,
  });
  expect(computeCost(usageOf(10, 10), { input: 0, output: 0 }).costUsd).toBe(0);
});

test('a vendor that reports more cached tokens than input does not make the cost negative', () => {
  const cost = computeCost(cached(10, 50, 0, 0), { input: 1, output: 1, cacheRead: 0.1 });
  expect(cost.costUsd).toBeCloseTo(50 * 0.1e-6, 12);
});

const tokens = fc.nat({ max: 10_000_000 });
const rate = fc.double({ min: 0, max: 500, noNaN: true });
const prices = fc.record({
  input: rate,
  output: rate,
  cacheRead: fc.option(rate, { nil: undefined }),
  cacheWrite: fc.option(rate, { nil: undefined }),
});

test('the cost is never negative and never falls when there are more tokens', () => {
  fc.assert(
    fc.property(tokens, tokens, tokens, tokens, tokens, prices, (input, read, write, output, more, price) => {
      const cost = computeCost(cached(input, read, write, output), price).costUsd!;
      expect(cost).toBeGreaterThanOrEqual(0);
      expect(computeCost(cached(input + more, read, write, output), price).costUsd).toBeGreaterThanOrEqual(
        cost,
      );
      expect(computeCost(cached(input, read, write, output + more), price).costUsd).toBeGreaterThanOrEqual(
        cost,
      );
    }),
  );
});

test('the blended price weighs input three to one and puts unknown prices last', () => {
  expect(blendedPrice({ input: 1, output: 5 })).toBe(2);
  expect(blendedPrice(undefined)).toBe(Number.POSITIVE_INFINITY);
});
