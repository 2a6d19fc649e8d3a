import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usageOf } from '../../test/scripted-provider.js';
import type { Usage } from '../model/usage.js';
import { UNKNOWN_USAGE } from '../model/usage.js';
import { batchPrice, blendedPrice, computeCost, type Price } from './price.js';

type Input = Partial<Usage['inputTokens']>;

const used = (inputTokens: Input, output: number, extras: Partial<Usage> = {}): Usage => ({
  inputTokens: { ...UNKNOWN_USAGE.inputTokens, ...inputTokens },
  outputTokens: { total: output, text: undefined, reasoning: undefined },
  estimated: false,
  ...extras,
});
const cached = (total: number, cacheRead: number, cacheWrite: number, output: number): Usage =>
  used({ total, cacheRead, cacheWrite }, output);
const usd = (usage: Usage, price: Price): number => computeCost(usage, price).costUsd!;

test('non-cached input, cached reads, cache writes and output each have their own price', () => {
  const price: Price = { input: 2, output: 8, cacheRead: 0.5, cacheWrite: 2.5 };
  const cost = computeCost(cached(1_000_000, 600_000, 100_000, 500_000), price);
  expect(cost.costUsd).toBeCloseTo(0.3 * 2 + 0.6 * 0.5 + 0.1 * 2.5 + 0.5 * 8, 10);
  expect(cost).toMatchObject({ tokensIn: 1_000_000, tokensOut: 500_000, estimated: false });
});

test('tokens written for the longer time, spoken input and searches have prices of their own', () => {
  const price: Price = {
    input: 2,
    output: 8,
    cacheRead: 0.5,
    cacheWrite: 2.5,
    cacheWriteLong: 4,
    inputAudio: 6,
    cacheReadAudio: 1,
    webSearch: 10,
  };
  const input = {
    total: 1_000,
    cacheRead: 300,
    cacheWrite: 200,
    cacheWriteLong: 150,
    audio: 100,
    cacheReadAudio: 50,
  };
  const tokens = 400 * 2 + 100 * 6 + 250 * 0.5 + 50 * 1 + 50 * 2.5 + 150 * 4 + 20 * 8;
  expect(usd(used(input, 20, { webSearches: 3 }), price)).toBeCloseTo(tokens / 1e6 + 0.03, 12);
});

test('what has no price of its own costs as much as what it is a part of', () => {
  const input = {
    total: 1_000,
    cacheRead: 300,
    cacheWrite: 200,
    cacheWriteLong: 150,
    audio: 100,
    cacheReadAudio: 50,
  };
  expect(usd(used(input, 0), { input: 2, output: 0 })).toBe(usd(usageOf(1_000, 0), { input: 2, output: 0 }));
  const price: Price = { input: 2, output: 0, cacheRead: 1, cacheWrite: 3 };
  expect(usd(used(input, 0), price)).toBe(usd(cached(1_000, 300, 200, 0), price));
});

test('the price of long contexts holds for the whole call, and only above the limit', () => {
  const price: Price = { input: 1, output: 1, longContext: { input: 2, output: 3, aboveInputTokens: 1_000 } };
  expect(usd(usageOf(1_000, 10), price)).toBeCloseTo(0.00101, 12);
  expect(usd(usageOf(1_001, 10), price)).toBeCloseTo((1_001 * 2 + 10 * 3) / 1e6, 12);
  // Cached tokens count for the limit too.
  expect(usd(cached(1_001, 1_000, 0, 0), price)).toBeCloseTo((1_001 * 2) / 1e6, 12);
});

test('of several steps the highest that the input exceeds holds', () => {
  const price: Price = {
    input: 1,
    output: 0,
    longContext: {
      input: 2,
      output: 0,
      aboveInputTokens: 100,
      longContext: { input: 5, output: 0, aboveInputTokens: 1_000 },
    },
  };
  const perToken = (tokens: number): number => (usd(usageOf(tokens, 0), price) * 1e6) / tokens;
  expect([100, 101, 1_000, 1_001].map(perToken).map(Math.round)).toEqual([1, 2, 2, 5]);
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

test('a count that is not known makes an unknown cost, and a reported zero costs zero', () => {
  const price: Price = { input: 1, output: 1 };
  expect(computeCost(UNKNOWN_USAGE, price).costUsd).toBeNull();
  expect(
    computeCost(used({ total: 10 }, 0, { outputTokens: UNKNOWN_USAGE.outputTokens }), price).costUsd,
  ).toBeNull();
  expect(computeCost(used({}, 10), price).costUsd).toBeNull();
  expect(computeCost(usageOf(0, 0), price).costUsd).toBe(0);
});

test('searches at an unknown price make an unknown cost, and none cost nothing', () => {
  const price: Price = { input: 1, output: 1 };
  expect(computeCost(used({ total: 1 }, 1, { webSearches: 1 }), price).costUsd).toBeNull();
  expect(computeCost(used({ total: 1 }, 1, { webSearches: 0 }), price).costUsd).toBeCloseTo(2e-6, 12);
});

test('a vendor that misreports makes no cost that is negative or not a number', () => {
  const price: Price = { input: 1, output: 1, cacheRead: 0.1, cacheWriteLong: 9 };
  expect(usd(cached(10, 50, 0, 0), price)).toBeCloseTo(50 * 0.1e-6, 12);
  // A part that is larger than its whole counts as the whole.
  expect(usd(used({ total: 10, cacheWrite: 10, cacheWriteLong: 99 }, 0), price)).toBeCloseTo(90e-6, 12);
  expect(usd(used({ total: Number.NaN, cacheRead: -5 }, Number.POSITIVE_INFINITY), price)).toBe(0);
});

test('a batch costs the stated prices, or else the usual ones times the factor, and searches as always', () => {
  const long = { input: 4, output: 12, aboveInputTokens: 100 };
  const price: Price = { input: 2, output: 8, cacheRead: 0.5, longContext: long, webSearch: 10 };
  const usage = used({ total: 90, cacheRead: 40 }, 10, { webSearches: 1 });
  const searches = 0.01;
  expect(usd(usage, batchPrice(price, 0.5)) - searches).toBeCloseTo((usd(usage, price) - searches) / 2, 12);
  expect(usd(usageOf(200, 10), batchPrice(price, 0.5))).toBeCloseTo(usd(usageOf(200, 10), price) / 2, 12);
  const stated: Price = { ...price, batch: { input: 1, output: 3 } };
  expect(usd(usage, batchPrice(stated, 0.5)) - searches).toBeCloseTo((90 * 1 + 10 * 3) / 1e6, 12);
  expect(batchPrice(batchPrice(price, 0.5), 1)).toEqual(batchPrice(price, 0.5));
});

const tokens = fc.nat({ max: 10_000_000 });
const rate = fc.double({ min: 0, max: 500, noNaN: true });
const optional = fc.option(rate, { nil: undefined });
const flat: fc.Arbitrary<Price> = fc.record({
  input: rate,
  output: rate,
  cacheRead: optional,
  cacheWrite: optional,
  cacheWriteLong: optional,
  inputAudio: optional,
  cacheReadAudio: optional,
  webSearch: rate,
});
/** Parts that add up. */
const usages: fc.Arbitrary<Usage> = fc
  .tuple(...Array.from({ length: 6 }, () => tokens), tokens, fc.nat({ max: 100 }))
  .map(([text, audio, read, readAudio, write, writeLong, output, webSearches]) => {
    const all = [text, audio, read, readAudio, write, writeLong] as const;
    return used(
      {
        total: all.reduce((sum: number, count) => sum + count!, 0),
        audio,
        cacheRead: read! + readAudio!,
        cacheReadAudio: readAudio,
        cacheWrite: write! + writeLong!,
        cacheWriteLong: writeLong,
      },
      output!,
      { webSearches },
    );
  });

const sum = (a: number | undefined, b: number | undefined): number => (a ?? 0) + (b ?? 0);
const together = (a: Usage, b: Usage): Usage =>
  used(
    {
      total: sum(a.inputTokens.total, b.inputTokens.total),
      audio: sum(a.inputTokens.audio, b.inputTokens.audio),
      cacheRead: sum(a.inputTokens.cacheRead, b.inputTokens.cacheRead),
      cacheReadAudio: sum(a.inputTokens.cacheReadAudio, b.inputTokens.cacheReadAudio),
      cacheWrite: sum(a.inputTokens.cacheWrite, b.inputTokens.cacheWrite),
      cacheWriteLong: sum(a.inputTokens.cacheWriteLong, b.inputTokens.cacheWriteLong),
    },
    sum(a.outputTokens.total, b.outputTokens.total),
    { webSearches: sum(a.webSearches, b.webSearches) },
  );

test('without steps, the cost of two calls is that of one call with the tokens of both', () => {
  fc.assert(
    fc.property(usages, usages, flat, (a, b, price) => {
      const apart = usd(a, price) + usd(b, price);
      expect(Math.abs(usd(together(a, b), price) - apart)).toBeLessThanOrEqual(1e-9 * Math.max(1, apart));
    }),
  );
});

test('the cost never falls when there is more of anything, with steps that are dearer', () => {
  const steps = fc.option(
    fc.record({
      above: fc.integer({ min: 1, max: 30_000_000 }),
      factor: fc.double({ min: 1, max: 9, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(usages, usages, flat, steps, (usage, more, price, step) => {
      const { webSearch, ...rates } = batchPrice(price, step?.factor ?? 1);
      const longContext = step === null ? undefined : { ...rates, aboveInputTokens: step.above };
      const all: Price = { ...price, longContext };
      const cost = usd(usage, all);
      expect(webSearch).toBe(price.webSearch);
      expect(usd(together(usage, more), all)).toBeGreaterThanOrEqual(cost * (1 - 1e-12));
    }),
  );
});

const anything = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined),
);

test('whatever a vendor reports, the cost is null or a number of at least zero, and the tokens are numbers', () => {
  const inputTokens = fc.record({
    total: anything,
    noCache: anything,
    cacheRead: anything,
    cacheWrite: anything,
    cacheWriteLong: anything,
    audio: anything,
    cacheReadAudio: anything,
  });
  fc.assert(
    fc.property(
      inputTokens,
      anything,
      anything,
      fc.option(flat, { nil: undefined }),
      (input, output, searches, price) => {
        const usage = { ...used(input, 0, { webSearches: searches }) };
        const given = { ...usage, outputTokens: { ...usage.outputTokens, total: output } };
        const { costUsd, tokensIn, tokensOut } = computeCost(given, price);
        expect(tokensIn).toBeGreaterThanOrEqual(0);
        expect(tokensOut).toBeGreaterThanOrEqual(0);
        const isKnown = price !== undefined && input.total !== undefined && output !== undefined;
        if (isKnown) expect(costUsd).toBeGreaterThanOrEqual(0);
        else expect(costUsd).toBeNull();
      },
    ),
  );
});

test('the blended price weighs input three to one and puts unknown prices last', () => {
  expect(blendedPrice({ input: 1, output: 5 })).toBe(2);
  expect(blendedPrice(undefined)).toBe(Number.POSITIVE_INFINITY);
});
