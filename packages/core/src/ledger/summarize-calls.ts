import type { Aggregate, AggregateRow, RecordFilter } from '../storage/record-store.js';
import { groupIn, type LedgerDimension, ofCalls } from './ledger-filter.js';
import type { CallStatus } from './ledger-record.js';
import type { LedgerSummary } from './ledger-summary.js';

const FAILED: readonly CallStatus[] = ['error', 'interrupted'];

const count = (where: RecordFilter, column?: string): Aggregate => ({ function: 'count', column, where });
const total = (column: string, where?: RecordFilter): Aggregate => ({ function: 'total', column, where });

/** The figures of every group that {@link summarizeCalls} needs. */
export const SUMMARY_FIGURES: Readonly<Record<string, Aggregate>> = {
  // What a retried attempt used counts, but it is no call.
  records: { function: 'count' },
  priced: { function: 'count', column: 'costUsd' },
  tokensIn: total('tokensIn'),
  tokensOut: total('tokensOut'),
  costUsd: total('costUsd'),
  ratings: { function: 'count', column: 'rating' },
  rating: total('rating'),
  calls: count(ofCalls),
  successes: count({ status: 'success' }),
  failures: count({ status: { in: FAILED } }),
  // A call's own latency covers its attempts.
  timed: count(ofCalls, 'latencyMs'),
  latencyMs: total('latencyMs', ofCalls),
  begun: count(ofCalls, 'timeToFirstTokenMs'),
  firstTokenMs: total('timeToFirstTokenMs', ofCalls),
  cachedCalls: count(ofCalls, 'cache'),
  savedUsd: total('savedUsd', ofCalls),
  tokensSaved: total('tokensSaved', ofCalls),
  uncompressed: total('tokensBeforeCompression', ofCalls),
  compressed: total('tokensAfterCompression', ofCalls),
};

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const summaryOf = (row: AggregateRow, by: readonly LedgerDimension[]): LedgerSummary => {
  const figure = (name: string): number => Number(row[name] ?? 0);
  const calls = figure('calls');
  const successes = figure('successes');
  const cachedCalls = figure('cachedCalls');
  const ratings = figure('ratings');
  return {
    group: groupIn(row, by),
    calls,
    successes,
    failures: figure('failures'),
    successRate: share(successes, calls),
    tokensIn: figure('tokensIn'),
    tokensOut: figure('tokensOut'),
    costUsd: figure('costUsd'),
    unpricedCalls: figure('records') - figure('priced'),
    cachedCalls,
    cacheHitRate: share(cachedCalls, calls),
    savedUsd: figure('savedUsd'),
    tokensSaved: figure('tokensSaved'),
    tokensCompressed: figure('uncompressed') - figure('compressed'),
    averageLatencyMs: share(figure('latencyMs'), figure('timed')) ?? 0,
    averageTimeToFirstTokenMs: share(figure('firstTokenMs'), figure('begun')),
    ratings,
    averageRating: share(figure('rating'), ratings),
  };
};

/** One summary a row. */
export const summarizeCalls = (
  rows: readonly AggregateRow[],
  by: readonly LedgerDimension[],
): readonly LedgerSummary[] => rows.map((row) => summaryOf(row, by));

/** The summary of no calls at all. */
export const NO_CALLS: LedgerSummary = summaryOf({}, []);
