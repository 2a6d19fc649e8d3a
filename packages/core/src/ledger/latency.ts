import type { Aggregate, AggregateRow, RecordCollection } from '../storage/record-store.js';
import { groupIn, type LedgerGroup, type LedgerStatisticQuery, toWhereOfCalls } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';

/** How long calls took, in milliseconds, each within 1.6 %: half of the calls took no longer than `p50`, and so on. */
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

const percentile = (column: Measure, percent: number): Aggregate => ({
  function: 'percentile',
  column,
  scale: 'logarithmic',
  percent,
});

const percentilesIn = (row: AggregateRow): Percentiles | null => {
  const calls = Number(row['measured']);
  const at = (name: string): number => Number(row[name]);
  return calls === 0 ? null : { calls, p50: at('p50'), p90: at('p90'), p95: at('p95'), p99: at('p99') };
};

/** By group as JSON. */
const measured = async (
  calls: RecordCollection<LedgerRecord>,
  column: Measure,
  { by = [], signal, ...filter }: LedgerStatisticQuery,
): Promise<ReadonlyMap<string, Percentiles | null>> => {
  const rows = await calls.aggregate({
    where: toWhereOfCalls(filter),
    groupBy: [...new Set(by)],
    figures: {
      measured: { function: 'count', column },
      p50: percentile(column, 50),
      p90: percentile(column, 90),
      p95: percentile(column, 95),
      p99: percentile(column, 99),
    },
    signal,
  });
  return new Map(rows.map((row) => [JSON.stringify(groupIn(row, by)), percentilesIn(row)]));
};

/** Percentiles of each group of calls. Without groups there is always one row. */
export const measureLatency = async (
  calls: RecordCollection<LedgerRecord>,
  query: LedgerStatisticQuery,
): Promise<readonly LedgerLatency[]> => {
  const [latency, firstToken] = await Promise.all([
    measured(calls, 'latencyMs', query),
    measured(calls, 'timeToFirstTokenMs', query),
  ]);
  return [...new Set([...latency.keys(), ...firstToken.keys()])].map((key) => ({
    group: JSON.parse(key) as LedgerGroup,
    latency: latency.get(key) ?? null,
    timeToFirstToken: firstToken.get(key) ?? null,
  }));
};
