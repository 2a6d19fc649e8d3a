import type { RecordCollection } from '../storage/record-store.js';
import { createGroupMap } from './group-map.js';
import { type LedgerGroup, type LedgerStatisticQuery, toWhereOfCalls } from './ledger-filter.js';
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

/** How many calls took about so long. Lists of numbers, because there may be a hundred thousand steps. */
interface Steps {
  readonly values: number[];
  readonly calls: number[];
}

/** Nearest rank: the least value that so many of the calls do not exceed. Steps are in rising order. */
const percentilesOf = (steps: Steps | undefined): Percentiles | null => {
  if (steps === undefined) return null;
  const calls = steps.calls.reduce((sum, count) => sum + count, 0);
  if (calls === 0) return null;
  const at = (hundredths: number): number => {
    const rank = Math.ceil((calls * hundredths) / 100);
    let passed = 0;
    const place = steps.calls.findIndex((count) => {
      passed += count;
      return passed >= rank;
    });
    return steps.values.at(place) ?? 0;
  };
  return { calls, p50: at(50), p90: at(90), p95: at(95), p99: at(99) };
};

const measured = async (
  calls: RecordCollection<LedgerRecord>,
  measure: Measure,
  { by = [], signal, ...filter }: LedgerStatisticQuery,
): Promise<ReadonlyMap<string, Steps>> => {
  const rows = await calls.aggregate({
    where: toWhereOfCalls(filter),
    groupBy: [...new Set(by), { column: measure, scale: 'logarithmic' }],
    figures: { measured: { function: 'count' } },
    signal,
  });
  const groups = createGroupMap(by, (): Steps => ({ values: [], calls: [] }));
  for (const row of rows) {
    const steps = groups.of(row);
    const value = row[measure];
    if (typeof value !== 'number') continue;
    steps.values.push(value);
    steps.calls.push(Number(row['measured']));
  }
  return groups.values;
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
  const keys = new Set([...latency.keys(), ...firstToken.keys()]);
  if ((query.by ?? []).length === 0) keys.add('{}');
  return [...keys].map((key) => ({
    group: JSON.parse(key) as LedgerGroup,
    latency: percentilesOf(latency.get(key)),
    timeToFirstToken: percentilesOf(firstToken.get(key)),
  }));
};
