/** What one call used and cost. */
export interface Cost {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars; `null` where the price of the served model is not known (it is never guessed). */
  readonly costUsd: number | null;
  /** The token counts, and so the cost, are an estimate. */
  readonly estimated: boolean;
  /** US dollars that the answer would have cost, had it not been given again; `null` where that is not known. */
  readonly savedUsd?: number | null | undefined;
}
