import type { Period } from '../period.js';
import { TIMELESS } from './roll-up-tables.js';

/** A part of a period: spans of one length whose totals are kept. `low` is the first, `high` is behind the last. */
export interface SpanPart {
  readonly span: number;
  readonly low: number;
  readonly high: number;
}

/** A part of a period whose records have to be read themselves. */
export interface RecordPart {
  readonly low: number;
  readonly high: number;
}

/**
 * Divides a period into the longest spans that fit, down to records at its ends.
 *
 * @param spans - shortest first
 */
export const divide = (
  { from, before }: Period,
  spans: readonly number[],
): { readonly spans: readonly SpanPart[]; readonly records: readonly RecordPart[] } => {
  const found: SpanPart[] = [];
  const records: RecordPart[] = [];
  const part = (low: number, high: number, level: number): void => {
    if (low >= high) return;
    const span = spans[level];
    if (span === undefined) {
      records.push({ low, high });
      return;
    }
    const first = low <= TIMELESS + 1 ? low : Math.ceil(low / span) * span;
    const end = high === Number.MAX_SAFE_INTEGER ? high : Math.floor(high / span) * span;
    if (first >= end) {
      part(low, high, level - 1);
      return;
    }
    part(low, first, level - 1);
    found.push({ span, low: first, high: end });
    part(end, high, level - 1);
  };
  // Records without a time count only where no time is asked for.
  const timeless = from === undefined && before === undefined;
  part(from ?? (timeless ? TIMELESS : TIMELESS + 1), before ?? Number.MAX_SAFE_INTEGER, spans.length - 1);
  return { spans: found, records };
};
