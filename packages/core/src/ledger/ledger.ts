import type { RecordChanges, RecordPage, RecordQuery } from '../storage/record-store.js';
import type { LedgerCompression } from './compression.js';
import type { LedgerExportQuery } from './export-calls.js';
import type { LedgerLatency } from './latency.js';
import type { LedgerFilter, LedgerStatisticQuery } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';
import type { LedgerSummary } from './ledger-summary.js';
import type { LedgerSavings, LedgerSavingsQuery } from './savings.js';
import type { LedgerPoint, LedgerSeriesQuery } from './series.js';

/** How to list records. */
export interface LedgerQuery
  extends LedgerFilter,
    Pick<RecordQuery, 'order' | 'limit' | 'cursor' | 'signal'> {
  /**
   * What they are sorted by; calls of which it is not known are left out. Default: `startedAt`.
   */
  readonly sort?: 'startedAt' | 'costUsd' | 'latencyMs' | undefined;
}

/** Totals and percentiles of the same group of calls. */
export type LedgerComparison = LedgerSummary & Omit<LedgerLatency, 'group'>;

/** The account of all calls. */
export interface Ledger {
  /** Add the account of a call. Returns at once and never throws: a store that fails must not fail the call. */
  record(record: LedgerRecord): void;
  /** Change fields of an account that is there, one change after the other; nothing happens when there is none. */
  amend(id: string, changes: Omit<RecordChanges<LedgerRecord>, 'id'>): void;
  /**
   * Keep a verdict on the answer of a call; a later one replaces it, null takes it back.
   *
   * @returns whether there is such a call.
   * @throws MillraceError `BAD_REQUEST` when the rating is no finite number.
   */
  rate(id: string, rating: number | null): Promise<boolean>;
  get(id: string): Promise<LedgerRecord | undefined>;
  /** List calls, newest first unless asked otherwise. */
  list(query?: LedgerQuery): Promise<RecordPage<LedgerRecord>>;
  /** Totals, computed in the store. With no dimension: one row for everything. */
  summarize(query?: LedgerStatisticQuery): Promise<readonly LedgerSummary[]>;
  /**
   * The same by hours, days, weeks or months of a time zone.
   *
   * @throws MillraceError `BAD_REQUEST` when the zone is not known, or there are more than 10,000 windows.
   */
  series(query: LedgerSeriesQuery): Promise<readonly LedgerPoint[]>;
  /** How long calls took: percentiles to their end, and to the first piece of output. */
  latency(query?: LedgerStatisticQuery): Promise<readonly LedgerLatency[]>;
  /** Totals and percentiles side by side, such as those of all providers. */
  compare(query?: LedgerStatisticQuery): Promise<readonly LedgerComparison[]>;
  /** What was saved against a premium model that answers everything. */
  savings(query: LedgerSavingsQuery): Promise<LedgerSavings>;
  /** What each stage of the compressor saved. */
  compression(
    query?: LedgerFilter & { readonly signal?: AbortSignal | undefined },
  ): Promise<LedgerCompression>;
  /**
   * Calls as text, in pieces, oldest first.
   *
   * @throws MillraceError `BAD_REQUEST` when the format or a field is not known.
   */
  export(query: LedgerExportQuery): AsyncIterable<string>;
  /** Resolves when everything recorded so far is written. */
  flush(): Promise<void>;
  /** Write what is pending and close the store. */
  close(): Promise<void>;
}
