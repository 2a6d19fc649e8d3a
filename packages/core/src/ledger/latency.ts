import type { Aggregate, AggregateRow, RecordCollection } from '../storage/record-store.js';
import { groupIn, type LedgerGroup, type LedgerStatisticQuery, toWhereOfCalls } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';

/**
 * How long calls took, in milliseconds, each within 1.6 %, and below 1 ms within 1/64 ms: half of the calls took no longer
 * than `p50`, and so on.
 */
export interface Percentiles {
  /** How many calls were measured. */
  readonly calls: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/** How long the calls of a group took. */
export interface LedgerLatency {
  readonly group: LedgerGroup;
  /** From the call to its end; null where none was measured. */
  readonly latency: Percentiles | null;
  /** From the call to the first piece of output; null where there was none. */
  readonly timeToFirstToken: Percentiles | null;
}

type Measure = 'latencyMs' | 'timeToFirstTokenMs';

const PERCENTS = [50, 90, 95, 99] as const;

const figuresOf = (column: Measure): Readonly<Record<string, Aggregate>> => ({
  [`${column} measured`]: { function: 'count', column },
  ...Object.fromEntries(
    PERCENTS.map((percent) => [
      `${column} p${percent}`,
      { function: 'percentile', column, scale: 'logarithmic', percent },
    ]),
  ),
});

const FIGURES: Readonly<Record<string, Aggregate>> = {
  ...figuresOf('latencyMs'),
  ...figuresOf('timeToFirstTokenMs'),
};

const percentilesIn = (row: AggregateRow, column: Measure): Percentiles | null => {
  const calls = Number(row[`${column} measured`]);
  const at = (percent: (typeof PERCENTS)[number]): number => Number(row[`${column} p${percent}`]);
  return calls === 0 ? null : { calls, p50: at(50), p90: at(90), p95: at(95), p99: at(99) };
};

/** Percentiles of each group of calls. Without groups there is always one row. */
export const measureLatency = async (
  calls: RecordCollection<LedgerRecord>,
  { by = [], signal, ...filter }: LedgerStatisticQuery,
): Promise<readonly LedgerLatency[]> => {
  const where = toWhereOfCalls(filter);
  const rows = await calls.aggregate({ where, groupBy: [...new Set(by)], figures: FIGURES, signal });
  return rows.map((row) => ({
    group: groupIn(row, by),
    latency: percentilesIn(row, 'latencyMs'),
    timeToFirstToken: percentilesIn(row, 'timeToFirstTokenMs'),
  }));
};
