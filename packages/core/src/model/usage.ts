import type { JsonObject } from './json.js';

/**
 * Tokens of one model call. A count that the vendor does not report is `undefined`, never zero.
 * Whatever a vendor counts how, here `total` includes the other counts of its group.
 */
export interface Usage {
  readonly inputTokens: {
    readonly total: number | undefined;
    /** Neither read from nor written to the vendor's prompt cache. */
    readonly noCache: number | undefined;
    readonly cacheRead: number | undefined;
    readonly cacheWrite: number | undefined;
    /** The part of `cacheWrite` that the vendor keeps for its longer time: an hour at Anthropic, twelve at OpenAI. */
    readonly cacheWriteLong?: number | undefined;
    /** The part of `noCache` that is sound. */
    readonly audio?: number | undefined;
    /** The part of `cacheRead` that is sound. */
    readonly cacheReadAudio?: number | undefined;
  };
  readonly outputTokens: {
    readonly total: number | undefined;
    readonly text: number | undefined;
    readonly reasoning: number | undefined;
  };
  /** Searches of the web that the vendor made for the answer, where it counts them. */
  readonly webSearches?: number | undefined;
  /** The vendor's usage object, untouched. */
  readonly raw?: JsonObject | undefined;
  /** At least one total is our estimate, because the vendor reported none. */
  readonly estimated: boolean;
}

/** What a provider reports when the vendor gave no usage at all. */
export const UNKNOWN_USAGE: Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  estimated: false,
};
