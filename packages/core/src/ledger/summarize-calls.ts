import type { Aggregate, AggregateRow } from '../storage/record-store.js';
import type { LedgerDimension, LedgerSummary } from './ledger.js';

/** The figures that {@link summarizeCalls} needs of every group. The groups must be split by status too. */
export const SUMMARY_FIGURES: Readonly<Record<string, Aggregate>> = {
  calls: { function: 'count' },
  priced: { function: 'count', column: 'costUsd' },
  tokensInSum: { function: 'sum', column: 'tokensIn' },
  tokensOutSum: { function: 'sum', column: 'tokensOut' },
  costSum: { function: 'sum', column: 'costUsd' },
  savedSum: { function: 'sum', column: 'savedUsd' },
  cachedCount: { function: 'count', column: 'cache' },
  timed: { function: 'count', column: 'latencyMs' },
  latencySum: { function: 'sum', column: 'latencyMs' },
};

interface Totals {
  readonly group: LedgerSummary['group'];
  calls: number;
  successes: number;
  unpriced: number;
  cachedCalls: number;
  savedUsd: number;
  timed: number;
  tokensIn: number;
  tokensOut: number;
  costUsd: number;
  latencyMs: number;
}

const emptyTotals = (group: Totals['group']): Totals => ({
  group,
  calls: 0,
  successes: 0,
  unpriced: 0,
  cachedCalls: 0,
  savedUsd: 0,
  timed: 0,
  tokensIn: 0,
  tokensOut: 0,
  costUsd: 0,
  latencyMs: 0,
});

const numberIn = (row: AggregateRow, name: string): number => Number(row[name] ?? 0);

const addTo = (totals: Totals, row: AggregateRow): void => {
  const rows = numberIn(row, 'calls');
  // What a retried attempt used counts, but it is no call.
  const calls = row['status'] === 'retried' ? 0 : rows;
  totals.calls += calls;
  totals.unpriced += rows - numberIn(row, 'priced');
  if (row['status'] === 'success') totals.successes += calls;
  totals.tokensIn += numberIn(row, 'tokensInSum');
  totals.tokensOut += numberIn(row, 'tokensOutSum');
  totals.costUsd += numberIn(row, 'costSum');
  // A call's own latency covers its attempts.
  if (calls === 0) return;
  totals.cachedCalls += numberIn(row, 'cachedCount');
  totals.savedUsd += numberIn(row, 'savedSum');
  totals.timed += numberIn(row, 'timed');
  totals.latencyMs += numberIn(row, 'latencySum');
};

/** Folds figures by dimension and status into one summary a group. With no dimension there is always one. */
export const summarizeCalls = (
  rows: readonly AggregateRow[],
  by: readonly LedgerDimension[],
): readonly LedgerSummary[] => {
  const groups = new Map<string, Totals>();
  if (by.length === 0) groups.set('[]', emptyTotals({}));
  for (const row of rows) {
    const values = by.map((dimension) => (row[dimension] ?? null) as string | null);
    const key = JSON.stringify(values);
    const totals =
      groups.get(key) ??
      emptyTotals(Object.fromEntries(by.map((dimension, index) => [dimension, values[index]])));
    groups.set(key, totals);
    addTo(totals, row);
  }
  return [...groups.values()].map(({ unpriced, timed, latencyMs, ...totals }) => ({
    ...totals,
    unpricedCalls: unpriced,
    averageLatencyMs: timed === 0 ? 0 : latencyMs / timed,
  }));
};
