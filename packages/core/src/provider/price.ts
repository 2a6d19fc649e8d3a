import type { Cost } from '../model/cost.js';
import type { Usage } from '../model/usage.js';

/** US dollars per one million tokens. */
export interface PriceRates {
  readonly input: number;
  /** Thoughts are output. */
  readonly output: number;
  /** Tokens read from the vendor's prompt cache. Default: `input`. */
  readonly cacheRead?: number | undefined;
  /** Tokens written to the vendor's prompt cache for its usual time, such as five minutes. Default: `input`. */
  readonly cacheWrite?: number | undefined;
  /** Tokens written for the vendor's longer time, such as one hour. Default: `cacheWrite`. */
  readonly cacheWriteLong?: number | undefined;
  /** Spoken input that the cache did not hold. Default: `input`. */
  readonly inputAudio?: number | undefined;
  /** Spoken input read from the cache. Default: `cacheRead`. */
  readonly cacheReadAudio?: number | undefined;
}

/** Prices that hold for a whole call, its output too, once its input is longer than a limit. */
export interface LongContextPrice extends PriceRates {
  readonly aboveInputTokens: number;
  /** The next step, where a vendor has several. Its limit has to be higher. */
  readonly longContext?: LongContextPrice | undefined;
}

/** Prices of calls in a batch. They stand alone: what is left out has the default of its field, not the usual price. */
export interface BatchPrice extends PriceRates {
  readonly longContext?: LongContextPrice | undefined;
}

/** What a model's calls cost, in US dollars per one million tokens. */
export interface Price extends PriceRates {
  /** Other prices for the whole call once its input is longer than this. */
  readonly longContext?: LongContextPrice | undefined;
  /** Other prices for a call in a batch. Default: these ones, times the provider's factor. */
  readonly batch?: BatchPrice | undefined;
  /** US dollars per 1,000 searches of the web by the vendor. Unknown when absent. */
  readonly webSearch?: number | undefined;
}

const PER = 1_000_000;
const SEARCHES_PER = 1_000;

/** A count that can be charged: whatever a vendor misreports, it is not below zero and not beyond all numbers. */
const count = (value: number | undefined): number =>
  value !== undefined && value > 0 && Number.isFinite(value) ? value : 0;

/** The prices that hold for an input of this length: the highest step that it exceeds. */
const rateFor = (price: BatchPrice, inputTokens: number): PriceRates => {
  let rate: BatchPrice = price;
  while (rate.longContext !== undefined && inputTokens > rate.longContext.aboveInputTokens)
    rate = rate.longContext;
  return rate;
};

/**
 * What a call cost: every kind of token at a price of its own, and the vendor's searches of the web.
 *
 * ```text
 * costUsd = ( (noCache − audio)             × input
 *           + audio                         × (inputAudio     ?? input)
 *           + (cacheRead − cacheReadAudio)  × (cacheRead      ?? input)
 *           + cacheReadAudio                × (cacheReadAudio ?? cacheRead ?? input)
 *           + (cacheWrite − cacheWriteLong) × (cacheWrite     ?? input)
 *           + cacheWriteLong                × (cacheWriteLong ?? cacheWrite ?? input)
 *           + output                        × output
 *           ) / 1,000,000 + webSearches × webSearch / 1,000
 * ```
 *
 * Counts are those of {@link Usage}, in which reasoning is part of the output. `noCache` is the input less what the cache
 * read and wrote, where a provider does not state it. Prices are those of the highest `longContext` step that the whole
 * input exceeds, cached tokens included; they hold for every token of the call. That is how Anthropic, Google, OpenAI
 * and xAI charge by their price lists (docs/prices.md).
 *
 * A count that is not known is not guessed: without both totals the cost is `null`, as it is for searches at an unknown
 * price. A reported zero costs zero. A part that is said to be larger than its whole counts as the whole.
 *
 * @param price - `undefined` when it is not known; the cost is then `null`, never zero. For a call in a batch, that of
 * {@link batchPrice}.
 */
export const computeCost = (usage: Usage, price: Price | undefined): Cost => {
  const { inputTokens, outputTokens, estimated, webSearches } = usage;
  const tokensIn = count(inputTokens.total);
  const tokensOut = count(outputTokens.total);
  const known = inputTokens.total !== undefined && outputTokens.total !== undefined;
  const searches = count(webSearches);
  if (price === undefined || !known || (searches > 0 && price.webSearch === undefined))
    return { tokensIn, tokensOut, costUsd: null, estimated };

  const cacheRead = count(inputTokens.cacheRead);
  const cacheWrite = count(inputTokens.cacheWrite);
  const noCache = count(inputTokens.noCache ?? tokensIn - cacheRead - cacheWrite);
  const audio = Math.min(noCache, count(inputTokens.audio));
  const readAudio = Math.min(cacheRead, count(inputTokens.cacheReadAudio));
  const writeLong = Math.min(cacheWrite, count(inputTokens.cacheWriteLong));

  const rate = rateFor(price, tokensIn);
  const readRate = rate.cacheRead ?? rate.input;
  const writeRate = rate.cacheWrite ?? rate.input;
  const tokens =
    (noCache - audio) * rate.input +
    audio * (rate.inputAudio ?? rate.input) +
    (cacheRead - readAudio) * readRate +
    readAudio * (rate.cacheReadAudio ?? readRate) +
    (cacheWrite - writeLong) * writeRate +
    writeLong * (rate.cacheWriteLong ?? writeRate) +
    tokensOut * rate.output;
  const costUsd = tokens / PER + (searches * (price.webSearch ?? 0)) / SEARCHES_PER;
  return { tokensIn, tokensOut, costUsd, estimated };
};

const scaledRates = (rates: PriceRates, factor: number): PriceRates => {
  const scaled = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : value * factor;
  return {
    input: rates.input * factor,
    output: rates.output * factor,
    cacheRead: scaled(rates.cacheRead),
    cacheWrite: scaled(rates.cacheWrite),
    cacheWriteLong: scaled(rates.cacheWriteLong),
    inputAudio: scaled(rates.inputAudio),
    cacheReadAudio: scaled(rates.cacheReadAudio),
  };
};

const scaledLong = (price: LongContextPrice | undefined, factor: number): LongContextPrice | undefined =>
  price && {
    ...scaledRates(price, factor),
    aboveInputTokens: price.aboveInputTokens,
    longContext: scaledLong(price.longContext, factor),
  };

/**
 * The price of the same call in a batch, for {@link computeCost}: the stated one, or else the usual one times the
 * factor. Searches of the web cost what they always cost.
 *
 * @param factor - Part of the usual price, such as a provider's `batch.priceFactor`.
 */
export const batchPrice = (price: Price, factor: number): Price => {
  const { batch, webSearch, longContext } = price;
  return {
    ...(batch ?? { ...scaledRates(price, factor), longContext: scaledLong(longContext, factor) }),
    webSearch,
  };
};

/**
 * One figure to compare prices by: the mean of input and output at three input tokens for each output token.
 * An unknown price is infinite, so that it comes last.
 */
export const blendedPrice = (price: Price | undefined): number =>
  price === undefined ? Number.POSITIVE_INFINITY : (3 * price.input + price.output) / 4;
