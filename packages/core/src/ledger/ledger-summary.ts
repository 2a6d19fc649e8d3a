import type { LedgerGroup } from './ledger-filter.js';

/** Totals of a group of calls. */
export interface LedgerSummary {
  /** The values of the dimensions that were asked for. */
  readonly group: LedgerGroup;
  readonly calls: number;
  /** Calls that ended in an answer. */
  readonly successes: number;
  /** Calls that failed, or whose answer broke off. Those that the caller cancelled are neither. */
  readonly failures: number;
  /** Successes of all calls; null where there are none. */
  readonly successRate: number | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars of the calls whose price is known. */
  readonly costUsd: number;
  /** Calls whose price is not known; their cost is missing from `costUsd`. */
  readonly unpricedCalls: number;
  /** Calls that were answered without asking a vendor: from the cache, or together with another call. */
  readonly cachedCalls: number;
  /** Those of all calls; null where there are none. */
  readonly cacheHitRate: number | null;
  /** US dollars that those would have cost, where it is known. */
  readonly savedUsd: number;
  /** Tokens that those would have used. */
  readonly tokensSaved: number;
  /** Tokens that the compressor took out. */
  readonly tokensCompressed: number;
  /** Milliseconds; 0 where there are none. */
  readonly averageLatencyMs: number;
  /** Milliseconds; null where there are none. */
  readonly averageTimeToFirstTokenMs: number | null;
  /** Calls that were rated. */
  readonly ratings: number;
  readonly averageRating: number | null;
}
