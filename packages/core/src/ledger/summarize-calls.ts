import type { Aggregate, AggregateRow } from '../storage/record-store.js';
import { createGroupMap } from './group-map.js';
import type { LedgerDimension } from './ledger-filter.js';
import type { LedgerSummary } from './ledger-summary.js';

/** The figures that {@link summarizeCalls} needs of every group. The groups must be split by status too. */
export const SUMMARY_FIGURES: Readonly<Record<string, Aggregate>> = {
  calls: { function: 'count' },
  priced: { function: 'count', column: 'costUsd' },
  tokensInSum: { function: 'total', column: 'tokensIn' },
  tokensOutSum: { function: 'total', column: 'tokensOut' },
  costSum: { function: 'total', column: 'costUsd' },
  savedSum: { function: 'total', column: 'savedUsd' },
  cachedCount: { function: 'count', column: 'cache' },
  timed: { function: 'count', column: 'latencyMs' },
  latencySum: { function: 'total', column: 'latencyMs' },
  begun: { function: 'count', column: 'timeToFirstTokenMs' },
  firstTokenSum: { function: 'total', column: 'timeToFirstTokenMs' },
  rated: { function: 'count', column: 'rating' },
  ratingSum: { function: 'total', column: 'rating' },
  savedTokensSum: { function: 'total', column: 'tokensSaved' },
  uncompressedSum: { function: 'total', column: 'tokensBeforeCompression' },
  compressedSum: { function: 'total', column: 'tokensAfterCompression' },
};

const NOTHING = {
  calls: 0,
  successes: 0,
  failures: 0,
  unpricedCalls: 0,
  cachedCalls: 0,
  savedUsd: 0,
  tokensSaved: 0,
  tokensCompressed: 0,
  timed: 0,
  latencyMs: 0,
  begun: 0,
  firstTokenMs: 0,
  ratings: 0,
  rating: 0,
  tokensIn: 0,
  tokensOut: 0,
  costUsd: 0,
};
type Totals = { -readonly [Figure in keyof typeof NOTHING]: number };

const numberIn = (row: AggregateRow, name: string): number => Number(row[name] ?? 0);

const addTo = (totals: Totals, row: AggregateRow): void => {
  const rows = numberIn(row, 'calls');
  // What a retried attempt used counts, but it is no call.
  const calls = row['status'] === 'retried' ? 0 : rows;
  totals.calls += calls;
  totals.unpricedCalls += rows - numberIn(row, 'priced');
  if (row['status'] === 'success') totals.successes += calls;
  if (row['status'] === 'error' || row['status'] === 'interrupted') totals.failures += calls;
  totals.tokensIn += numberIn(row, 'tokensInSum');
  totals.tokensOut += numberIn(row, 'tokensOutSum');
  totals.costUsd += numberIn(row, 'costSum');
  totals.ratings += numberIn(row, 'rated');
  totals.rating += numberIn(row, 'ratingSum');
  // A call's own latency covers its attempts.
  if (calls === 0) return;
  totals.cachedCalls += numberIn(row, 'cachedCount');
  totals.savedUsd += numberIn(row, 'savedSum');
  totals.timed += numberIn(row, 'timed');
  totals.latencyMs += numberIn(row, 'latencySum');
  totals.begun += numberIn(row, 'begun');
  totals.firstTokenMs += numberIn(row, 'firstTokenSum');
  totals.tokensSaved += numberIn(row, 'savedTokensSum');
  totals.tokensCompressed += numberIn(row, 'uncompressedSum') - numberIn(row, 'compressedSum');
};

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const toSummary = (group: LedgerSummary['group'], totals: Totals): LedgerSummary => {
  const { timed, latencyMs, begun, firstTokenMs, rating, ...figures } = totals;
  return {
    group,
    ...figures,
    averageLatencyMs: share(latencyMs, timed) ?? 0,
    averageTimeToFirstTokenMs: share(firstTokenMs, begun),
    successRate: share(totals.successes, totals.calls),
    cacheHitRate: share(totals.cachedCalls, totals.calls),
    averageRating: share(rating, totals.ratings),
  };
};

/** Folds figures by dimension and status into one summary a group, groups in the order of their first row. */
export const summarizeCalls = (
  rows: readonly AggregateRow[],
  by: readonly LedgerDimension[],
): readonly LedgerSummary[] => {
  const groups = createGroupMap(by, (group) => ({ group, totals: { ...NOTHING } as Totals }));
  for (const row of rows) addTo(groups.of(row).totals, row);
  return [...groups.values.values()].map(({ group, totals }) => toSummary(group, totals));
};

/** The summary of no calls at all. */
export const NO_CALLS: LedgerSummary = toSummary({}, { ...NOTHING });
