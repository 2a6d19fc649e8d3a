const PER_DOLLAR = 1_000_000_000;
/** What binary fractions add to a product of two prices, as a part of it. */
const DUST = 1e-12;

/**
 * Money as whole numbers: billionths of a dollar, because one token of the cheapest models costs some tens of them.
 * Rounded up, so that a sum of costs is never below the truth.
 *
 * @throws RangeError for what is no amount: not a number, less than 0, or above some nine million dollars.
 */
export const toNanoDollars = (usd: number): number => {
  const exact = usd * PER_DOLLAR;
  const nano = Math.max(0, Math.ceil(exact - exact * DUST));
  if (!(usd >= 0) || !Number.isSafeInteger(nano))
    throw new RangeError(`${usd} is no amount of US dollars that can be counted.`);
  return nano;
};

/** The other way. */
export const toDollars = (nano: number): number => nano / PER_DOLLAR;
