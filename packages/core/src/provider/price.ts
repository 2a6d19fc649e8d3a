import type { Cost } from '../model/cost.js';
import type { Usage } from '../model/usage.js';

/** US dollars per one million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Tokens read from the vendor's prompt cache. Default: `input`. */
  readonly cacheRead?: number | undefined;
  /** Tokens written to the vendor's prompt cache. Default: `input`. */
  readonly cacheWrite?: number | undefined;
  /** Other prices for the whole call once its input is longer than this. */
  readonly longContext?: (Omit<Price, 'longContext'> & { readonly aboveInputTokens: number }) | undefined;
}

const PER = 1_000_000;

/**
 * What a call cost: non-cached input, cached reads, cache writes and output, each at its own price.
 *
 * @param price - `undefined` when it is not known; the cost is then `null`, never zero.
 */
export const computeCost = (usage: Usage, price: Price | undefined): Cost => {
  const { inputTokens, outputTokens, estimated } = usage;
  const tokensIn = inputTokens.total ?? 0;
  const tokensOut = outputTokens.total ?? 0;
  if (price === undefined) return { tokensIn, tokensOut, costUsd: null, estimated };
  const { longContext } = price;
  const rate = longContext !== undefined && tokensIn > longContext.aboveInputTokens ? longContext : price;
  const cacheRead = inputTokens.cacheRead ?? 0;
  const cacheWrite = inputTokens.cacheWrite ?? 0;
  const noCache = inputTokens.noCache ?? Math.max(0, tokensIn - cacheRead - cacheWrite);
  const total =
    noCache * rate.input +
    cacheRead * (rate.cacheRead ?? rate.input) +
    cacheWrite * (rate.cacheWrite ?? rate.input) +
    tokensOut * rate.output;
  return { tokensIn, tokensOut, costUsd: total / PER, estimated };
};

/**
 * One figure to compare prices by: the mean of input and output at three input tokens for each output token.
 * An unknown price is infinite, so that it comes last.
 */
export const blendedPrice = (price: Price | undefined): number =>
  price === undefined ? Number.POSITIVE_INFINITY : (3 * price.input + price.output) / 4;
