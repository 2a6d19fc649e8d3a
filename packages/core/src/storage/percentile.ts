// Percentiles are reckoned in whole numbers, so that every driver finds the same rank.

/** All of the values, in thousandths of a percent. */
const WHOLE = 100_000;

/** A percentage in thousandths; undefined where it is none. */
export const thousandthsIn = (percent: unknown): number | undefined => {
  if (typeof percent !== 'number') return undefined;
  const thousandths = Math.round(percent * 1_000);
  const isWhole = Math.abs(percent * 1_000 - thousandths) < 1e-6;
  return isWhole && thousandths >= 1 && thousandths <= WHOLE ? thousandths : undefined;
};

/** Whether the first `passed` of the values are at least so many of them. */
export const isReached = (passed: number, values: number, thousandths: number): boolean =>
  passed * WHOLE >= values * thousandths;

/** The same as SQL, of two expressions. */
export const isReachedSql = (passed: string, values: string, thousandths: number): string =>
  `${passed} * ${WHOLE} >= ${values} * ${thousandths}`;
