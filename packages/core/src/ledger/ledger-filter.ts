import type { AggregateRow, RecordFilter } from '../storage/record-store.js';
import type { CallStatus } from './ledger-record.js';

/** Which records to count or list. */
export interface LedgerFilter {
  /** Calls that began at this time or later, in milliseconds since 1970. */
  readonly from?: number | undefined;
  /** Calls that began before this time. */
  readonly before?: number | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: CallStatus | undefined;
  readonly category?: string | undefined;
  readonly project?: string | undefined;
  readonly user?: string | undefined;
  readonly experiment?: string | undefined;
  /** Calls that have this tag. Looks at every call of the period. */
  readonly tag?: string | undefined;
  /** The records that belong together: the attempts of a call, or the requests of a batch. */
  readonly groupId?: string | undefined;
}

/** What calls can be grouped by. */
export type LedgerDimension =
  | 'provider'
  | 'model'
  | 'servedModel'
  | 'status'
  | 'category'
  | 'project'
  | 'user'
  | 'operation'
  | 'errorCode'
  | 'experiment'
  | 'experimentArm'
  | 'routeMode';

/** The values of the dimensions that were asked for. */
export type LedgerGroup = Readonly<Partial<Record<LedgerDimension, string | null>>>;

/** What every statistic takes: which calls, and by what they are grouped. */
export interface LedgerStatisticQuery extends LedgerFilter {
  /** One row for each group; without it, one row for everything. */
  readonly by?: readonly LedgerDimension[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The filter as the store understands it. */
export const toWhere = ({ from, before, tag, ...filter }: LedgerFilter): RecordFilter => {
  const { provider, model, status, category, project, user, experiment, groupId } = filter;
  const equal = { provider, model, status, category, project, user, experiment, groupId };
  const where: Record<string, RecordFilter[string]> = {};
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) where[column] = value;
  }
  if (from !== undefined || before !== undefined) where['startedAt'] = { from, before };
  if (tag !== undefined) where['tags'] = { includes: tag };
  return where;
};

/** Attempts that another one followed are no calls of their own. */
const CALLS: readonly CallStatus[] = ['success', 'error', 'cancelled', 'interrupted'];

/** What a record of a call fulfils. */
export const ofCalls: RecordFilter = { status: { in: CALLS } };

/** The same without attempts that another one followed. */
export const toWhereOfCalls = (filter: LedgerFilter): RecordFilter => {
  const where = toWhere(filter);
  return { ...where, status: { in: CALLS.filter((status) => (filter.status ?? status) === status) } };
};

/** The group that a row of the store belongs to. */
export const groupIn = (row: AggregateRow, by: readonly LedgerDimension[]): LedgerGroup =>
  Object.fromEntries(by.map((dimension) => [dimension, (row[dimension] ?? null) as string | null]));
