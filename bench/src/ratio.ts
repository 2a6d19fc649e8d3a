/** One promise, measured. */
export interface Measurement {
  readonly name: string;
  /** Ours over the raw thing. */
  readonly ratio: number;
  /** `at-most` 1.15, say, or `at-least` 0.5. */
  readonly bar?: { readonly kind: 'at-most' | 'at-least'; readonly value: number } | undefined;
  /** The numbers behind it. */
  readonly detail: string;
}

/** The middle one of some numbers. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
};

/** Whether the bar is met; true where there is none. */
export const isMet = ({ ratio, bar }: Measurement): boolean => {
  if (bar === undefined) return true;
  return bar.kind === 'at-most' ? ratio <= bar.value : ratio >= bar.value;
};

/** One line of the report. */
export const report = (measurement: Measurement): string => {
  const { name, ratio, bar, detail } = measurement;
  const verdict = bar === undefined ? '' : isMet(measurement) ? 'ok' : 'MISSED';
  const limit = bar === undefined ? '' : `${bar.kind === 'at-most' ? '<=' : '>='} ${bar.value.toFixed(2)}`;
  return `${name.padEnd(58)} ${ratio.toFixed(2).padStart(6)}  ${limit.padEnd(8)} ${verdict.padEnd(7)} ${detail}`;
};
