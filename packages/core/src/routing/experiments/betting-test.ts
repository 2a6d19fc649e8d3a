/**
 * A test that may be looked at after every value, by betting (a non-negative supermartingale, or e-process).
 *
 * The hypothesis is that each value, given those before it, has a mean of at most 0; values are at least −1. A gambler
 * who stakes the share λ of what he has on each value has Π(1 + λx) after them, which under the hypothesis is worth
 * nothing in expectation. Here several gamblers begin with equal parts and a λ each. By Ville's inequality, what they
 * have together ever reaches 1/α with probability at most α: so that rejecting the hypothesis at the first moment when
 * it does has an error rate of at most α, at whatever moments one looks.
 *
 * Sources: J. Ville, "Étude critique de la notion de collectif" (1939); I. Waudby-Smith and A. Ramdas, "Estimating
 * means of bounded random variables by betting", JRSS B 86 (2024) 1–27; for comparing two samples S. Shekhar and
 * A. Ramdas, "Nonparametric two-sample testing by betting", IEEE Trans. Inf. Theory 70 (2024), arXiv:2112.09162.
 */
export interface BettingTest {
  /** The λ of each gambler, above 0 and below 1. */
  readonly stakes: readonly number[];
  /** The logarithm of what each has; the same length. */
  readonly logWealth: number[];
  /** The largest logarithm so far of what they have together. */
  peak: number;
}

/** A test that has seen nothing. */
export const newBettingTest = (stakes: readonly number[]): BettingTest => ({
  stakes,
  logWealth: stakes.map(() => 0),
  peak: 0,
});

/** The logarithm of what the gamblers have together: of the evidence against the hypothesis. */
export const logEvidence = ({ logWealth }: BettingTest): number => {
  const most = Math.max(...logWealth);
  const sum = logWealth.reduce((total, one) => total + Math.exp(one - most), 0);
  return most + Math.log(sum / logWealth.length);
};

/** Lets the gamblers bet on a value of at least −1. */
export const bet = (test: BettingTest, value: number): void => {
  for (const [index, stake] of test.stakes.entries()) {
    test.logWealth[index] = (test.logWealth[index] ?? 0) + Math.log1p(stake * value);
  }
  test.peak = Math.max(test.peak, logEvidence(test));
};
