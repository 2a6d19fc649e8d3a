import type { RecordPage, RecordQuery } from '../storage/record-store.js';
import type { CallStatus, LedgerRecord } from './ledger-record.js';

/** Which records to count or list. */
export interface LedgerFilter {
  /** Calls that began at this time or later, in milliseconds since 1970. */
  readonly from?: number | undefined;
  /** Calls that began before this time. */
  readonly before?: number | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: CallStatus | undefined;
  readonly project?: string | undefined;
  readonly user?: string | undefined;
  /** The records that belong together: the attempts of a call, or the requests of a batch. */
  readonly groupId?: string | undefined;
}

/** How to list records. */
export interface LedgerQuery
  extends LedgerFilter,
    Pick<RecordQuery, 'order' | 'limit' | 'cursor' | 'signal'> {}

/** What calls can be grouped by. */
export type LedgerDimension = 'provider' | 'model' | 'servedModel' | 'status' | 'project' | 'user';

/** Totals of a group of calls. */
export interface LedgerSummary {
  /** The values of the dimensions that were asked for. */
  readonly group: Readonly<Partial<Record<LedgerDimension, string | null>>>;
  readonly calls: number;
  /** Calls that ended in an answer. */
  readonly successes: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars of the calls whose price is known. */
  readonly costUsd: number;
  /** Calls whose price is not known; their cost is missing from `costUsd`. */
  readonly unpricedCalls: number;
  /** Calls that were answered without asking a vendor: from the cache, or together with another call. */
  readonly cachedCalls: number;
  /** US dollars that those would have cost, where it is known. */
  readonly savedUsd: number;
  /** Milliseconds. */
  readonly averageLatencyMs: number;
}

/** The account of all calls. */
export interface Ledger {
  /** Add the account of a call. Returns at once and never throws: a store that fails must not fail the call. */
  record(record: LedgerRecord): void;
  get(id: string): Promise<LedgerRecord | undefined>;
  /** List calls, newest first unless asked otherwise. */
  list(query?: LedgerQuery): Promise<RecordPage<LedgerRecord>>;
  /** Totals, computed in the store. With no dimension: one row for everything. */
  summarize(
    options?: LedgerFilter & {
      readonly by?: readonly LedgerDimension[];
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<readonly LedgerSummary[]>;
  /** Resolves when everything recorded so far is written. */
  flush(): Promise<void>;
  /** Write what is pending and close the store. */
  close(): Promise<void>;
}
