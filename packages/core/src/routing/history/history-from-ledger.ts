import type { ErrorCode } from '../../model/errors/error-code.js';
import { failureScopes } from '../failure-scope.js';
import { createHistory } from './history.js';
import type { HistoryOutcome } from './history-outcome.js';
import type { HistorySnapshot } from './history-snapshot.js';

/** What is read of a ledger record; a `LedgerRecord` has it. */
export interface HistoryRecord {
  readonly startedAt: number;
  readonly status: 'success' | 'error' | 'cancelled' | 'interrupted' | 'retried';
  readonly errorCode: ErrorCode | null;
  readonly provider: string | null;
  /** The model that was asked. */
  readonly model: string | null;
  readonly cache: 'hit' | 'joined' | null;
  readonly latencyMs: number | null;
  readonly costUsd: number | null;
}

/** How ledger records become a history. */
export interface HistoryFromLedgerOptions<Row extends HistoryRecord> {
  /** The category of a record; `undefined` leaves the record out. */
  readonly categoryOf: (row: Row) => string | undefined;
  /** How good the answer was, 0 to 1, where the host knows more than the ledger; `undefined` keeps the ledger's view. */
  readonly scoreOf?: ((row: Row) => number | undefined) | undefined;
  /** In milliseconds; the same as of the history that the snapshot is for. Default: 604800000, 7 days. */
  readonly halfLifeMs?: number | undefined;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a record says of the model that it names: 1 for an answer, 0 for a failure that is the model's or the
 * provider's, `undefined` for everything else: a cancelled call, an answer from the cache, a request that was wrong.
 */
const successOf = ({ status, errorCode, cache }: HistoryRecord): 0 | 1 | undefined => {
  if (cache !== null || status === 'cancelled') return undefined;
  if (status === 'success') return 1;
  if (errorCode === null) return status === 'interrupted' ? 0 : undefined;
  // An answer that does not fit its schema is bad work, although nothing is wrong with the provider.
  return errorCode === 'INVALID_OUTPUT' || failureScopes(errorCode).length > 0 ? 0 : undefined;
};

const outcomeOf = <Row extends HistoryRecord>(
  row: Row,
  { categoryOf, scoreOf }: HistoryFromLedgerOptions<Row>,
): HistoryOutcome | undefined => {
  const { provider, model, startedAt: at, latencyMs, costUsd } = row;
  const verdict = successOf(row);
  if (verdict === undefined || provider === null || model === null) return undefined;
  const category = categoryOf(row);
  if (category === undefined) return undefined;
  const success = scoreOf?.(row) ?? verdict;
  return { provider, model, category, success, at, latencyMs: verdict === 1 ? latencyMs : null, costUsd };
};

/**
 * Builds a history from ledger records, in any order, one at a time: `history.load(await historyFromLedger(rows, …))`.
 *
 * Failures have no part in the mean latency: a connection that is refused at once is not fast.
 *
 * @throws the signal's reason when it is aborted.
 */
export const historyFromLedger = async <Row extends HistoryRecord>(
  rows: AsyncIterable<Row>,
  options: HistoryFromLedgerOptions<Row>,
): Promise<HistorySnapshot> => {
  const { halfLifeMs, clock, signal } = options;
  const history = createHistory({ halfLifeMs, clock });
  signal?.throwIfAborted();
  for await (const row of rows) {
    signal?.throwIfAborted();
    const outcome = outcomeOf(row, options);
    if (outcome !== undefined) history.record(outcome);
  }
  return history.snapshot();
};
