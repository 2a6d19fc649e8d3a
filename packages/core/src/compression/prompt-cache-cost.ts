/** Prices of input, in any currency for any number of tokens, the same for all. */
export interface InputPrice {
  readonly input: number;
  /** Tokens read from the vendor's prompt cache. @default input */
  readonly cacheRead?: number | undefined;
  /** Tokens written to the vendor's prompt cache. @default input */
  readonly cacheWrite?: number | undefined;
}

/** What is at stake when a cached prompt is changed. */
export interface PrefixBreak {
  /** The price of the model that is called. */
  readonly price: InputPrice;
  /** The tokens of the old prompt, from the first change on, that the vendor has in its cache. */
  readonly prefixTokens: number;
  /** How many tokens shorter the changed prompt is. */
  readonly tokensSaved: number;
  /** How many more calls are expected to send the same beginning. @default 4 */
  readonly callsToCome?: number | undefined;
}

/** What keeping and breaking a cached prefix cost, over this call and the expected ones. */
export interface PrefixVerdict {
  /** Breaking costs less than keeping. */
  readonly worth: boolean;
  /** In the unit of the price, times tokens. */
  readonly costToKeep: number;
  readonly costToBreak: number;
}

/** Whether the vendor reads what its prompt cache holds for less. */
export const isCheaperCached = (price: InputPrice | undefined): price is InputPrice =>
  price?.cacheRead !== undefined && price.cacheRead < price.input;

/**
 * Says whether a change in what a vendor's prompt cache holds costs less than it saves. Unchanged, all tokens behind the
 * change are read at the cache's price; changed, they are written once more, but there are fewer of them from then on.
 */
export const worthBreakingPrefix = ({
  price,
  prefixTokens,
  tokensSaved,
  callsToCome = 4,
}: PrefixBreak): PrefixVerdict => {
  const { input, cacheRead = input, cacheWrite = input } = price;
  // Tokens that were not in the cache are cheaper to leave out either way: written once if they stay, never if not.
  const beyond = Math.max(0, tokensSaved - prefixTokens);
  const left = Math.max(0, prefixTokens - tokensSaved);
  const costToKeep =
    prefixTokens * cacheRead * (1 + callsToCome) + beyond * (cacheWrite + cacheRead * callsToCome);
  const costToBreak = left * (cacheWrite + cacheRead * callsToCome);
  return { worth: costToBreak < costToKeep, costToKeep, costToBreak };
};
