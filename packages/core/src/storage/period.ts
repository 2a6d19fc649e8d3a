import type { Column } from './column.js';
import type { Condition } from './query-plan.js';

/** A stretch of the values of a column: from, and before. Undefined is without end. */
export interface Period {
  readonly from: number | undefined;
  readonly before: number | undefined;
}

/** Whether a condition is an end of such a stretch. */
export const isEnd = ({ kind, column }: Condition, of: Column): boolean =>
  column === of && (kind === 'from' || kind === 'before');

/** The stretch that conditions on a numeric column leave. */
export const periodOf = (conditions: readonly Condition[], column: Column): Period => {
  const ends = (kind: 'from' | 'before'): readonly number[] =>
    conditions.flatMap((condition) =>
      condition.kind === kind && condition.column === column ? [Number(condition.value)] : [],
    );
  const from = ends('from');
  const before = ends('before');
  return {
    from: from.length === 0 ? undefined : Math.max(...from),
    before: before.length === 0 ? undefined : Math.min(...before),
  };
};

/** The ranges between bounds, each cut to a period; those outside of it are left out. */
export const cutRanges = (
  bounds: readonly number[],
  { from = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY }: Period,
): readonly { readonly start: number; readonly low: number; readonly high: number }[] =>
  bounds.slice(1).flatMap((high, index) => {
    const start = bounds[index] ?? high;
    const range = { start, low: Math.max(start, from), high: Math.min(high, before) };
    return range.low < range.high ? [range] : [];
  });
