import type { ErrorCode } from '../../model/errors/error-code.js';
import type { RoutableRequest, RouterExample } from './router-example.js';

/** What is read of a ledger's row; a `LedgerRecord` fits. */
export interface LedgerExampleRow {
  readonly id: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly status: string;
  readonly errorCode: ErrorCode | null;
  readonly cache?: 'hit' | 'joined' | null | undefined;
}

/** A success from 0 to 1, or how much it counts beside it; `undefined` where nothing is known. */
export type LedgerVerdict =
  | number
  | { readonly success: number; readonly weight?: number | undefined }
  | undefined;

/** How to make examples of a ledger's rows. */
export interface LedgerExamplesOptions<Row extends LedgerExampleRow> {
  /** The request of a row. The ledger holds no prompts, so the host looks them up; `undefined` leaves the row out. */
  readonly requestOf: (row: Row) => RoutableRequest | undefined | Promise<RoutableRequest | undefined>;
  /**
   * How well the row's call went: a rating, say, or whether tests passed. Default: what the status tells, which is
   * little: see `statusVerdict`.
   */
  readonly verdictOf?: ((row: Row) => LedgerVerdict | Promise<LedgerVerdict>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Failures that the request and the model bring about between them; others come from keys, limits and networks. */
const OF_THE_MODEL: ReadonlySet<ErrorCode | null> = new Set<ErrorCode>([
  'CONTENT_FILTER',
  'CONTEXT_LENGTH',
  'INVALID_OUTPUT',
  'INVALID_RESPONSE',
]);

/** 1 for an answer, 0 for a failure that tells something of the model, otherwise `undefined`. */
export const statusVerdict = ({ status, errorCode }: LedgerExampleRow): LedgerVerdict => {
  if (status === 'success') return 1;
  return status === 'error' && OF_THE_MODEL.has(errorCode) ? 0 : undefined;
};

/**
 * Examples for `fitRouter` from the rows of a ledger. Rows without a model, without a request or without a verdict are
 * left out, and so are answers from the cache.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function* ledgerExamples<Row extends LedgerExampleRow>(
  rows: Iterable<Row> | AsyncIterable<Row>,
  { requestOf, verdictOf = statusVerdict, signal }: LedgerExamplesOptions<Row>,
): AsyncGenerator<RouterExample, void, undefined> {
  for await (const row of rows) {
    signal?.throwIfAborted();
    const { provider, model, cache } = row;
    if (provider === null || model === null || (cache ?? null) !== null) continue;
    const verdict = await verdictOf(row);
    if (verdict === undefined) continue;
    const request = await requestOf(row);
    if (request === undefined) continue;
    const { success, weight } = typeof verdict === 'number' ? { success: verdict } : verdict;
    yield { request, model: `${provider}:${model}`, success, ...(weight !== undefined && { weight }) };
  }
}
