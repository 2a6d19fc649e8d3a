/** Bounds of a success rate. */
export interface RateBounds {
  readonly lower: number;
  readonly upper: number;
}

/** The 95 % quantile of the normal distribution: each bound alone is wrong in 5 % of cases. */
const Z = 1.6448536269514722;

/**
 * Wilson's score interval for a rate, each bound one-sided at 95 %:
 *
 *     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
 *
 * It holds for few calls and for rates near 0 and 1, where the usual p ± z·σ does not: three successes of three give a
 * lower bound of 0.53, eleven of eleven 0.80. Source: E. B. Wilson, "Probable inference, the law of succession, and
 * statistical inference", JASA 22 (1927) 209–212; recommended for small samples by Brown, Cai and DasGupta, "Interval
 * estimation for a binomial proportion", Statistical Science 16 (2001) 101–133.
 *
 * `calls` need not be whole. Scores between 0 and 1 vary less than successes and failures of the same mean, so that
 * the bounds are on the safe side for them.
 */
export const wilsonInterval = (successes: number, calls: number): RateBounds => {
  if (calls <= 0) return { lower: 0, upper: 1 };
  const rate = Math.min(1, successes / calls);
  const square = (Z * Z) / calls;
  const middle = rate + square / 2;
  const margin = Math.sqrt(square * (rate * (1 - rate) + square / 4));
  return {
    lower: Math.max(0, (middle - margin) / (1 + square)),
    upper: Math.min(1, (middle + margin) / (1 + square)),
  };
};
