import type {
  CallStatus,
  LedgerDimension,
  LedgerExportQuery,
  LedgerFilter,
  LedgerQuery,
  LedgerSeriesQuery,
} from '@millrace/core/ledger';
import { z } from 'zod';
import { checkParameters } from '../http/check-parameters.js';
import { badRequest } from '../openai/bad-request.js';

const FILTERS = ['provider', 'model', 'category', 'project', 'user', 'experiment', 'tag', 'status'] as const;
// Written so that a new status or dimension of the ledger does not compile until it is here.
const STATUSES = Object.keys({
  success: true,
  error: true,
  cancelled: true,
  interrupted: true,
  retried: true,
} satisfies Record<CallStatus, true>);
const DIMENSIONS = Object.keys({
  provider: true,
  model: true,
  servedModel: true,
  status: true,
  category: true,
  project: true,
  user: true,
  operation: true,
  errorCode: true,
  experiment: true,
  experimentArm: true,
  routeMode: true,
} satisfies Record<LedgerDimension, true>);
const UNITS: readonly string[] = ['hour', 'day', 'week', 'month'];
const SORTS: readonly string[] = ['startedAt', 'costUsd', 'latencyMs'];
const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;

/** Reads the query of a statistic; every problem names its parameter. */
export interface StatsQuery {
  readonly filter: LedgerFilter & { readonly from: number; readonly before: number };
  readonly by: readonly LedgerDimension[];
  readonly unit: LedgerSeriesQuery['unit'];
  readonly timeZone: string | undefined;
  readonly list: Pick<LedgerQuery, 'sort' | 'order' | 'limit' | 'cursor'>;
  readonly format: LedgerExportQuery['format'];
}

const KNOWN: ReadonlySet<string> = new Set([
  ...FILTERS,
  'from',
  'before',
  'by',
  'unit',
  'timeZone',
  'sort',
  'order',
  'limit',
  'cursor',
  'format',
]);

/** @throws MillraceError `BAD_REQUEST` that names the parameter. */
export const parseStatsQuery = (query: URLSearchParams): StatsQuery => {
  checkParameters(query, KNOWN, 'by');
  const before = timeOf(query, 'before') ?? Date.now() + 1;
  const from = timeOf(query, 'from') ?? before - USUAL_DAYS * DAY_MS;
  if (from >= before) throw badRequest('from', '`from` must be before `before`.');
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])),
  ) as Partial<LedgerFilter>;
  oneOf(query, 'status', STATUSES);
  const by = query.getAll('by').flatMap((names) => names.split(','));
  const unknown = by.find((name) => !DIMENSIONS.includes(name));
  if (unknown !== undefined)
    throw badRequest(
      'by',
      `\`by\` does not know "${unknown.slice(0, 40)}"; there are ${DIMENSIONS.join(', ')}.`,
    );
  const limit = query.get('limit');
  if (limit !== null && !(/^\d+$/.test(limit) && Number(limit) >= 1 && Number(limit) <= 1_000))
    throw badRequest('limit', '`limit` must be a whole number from 1 to 1000.');
  return {
    filter: { ...filters, from, before },
    by: by as LedgerDimension[],
    unit: (oneOf(query, 'unit', UNITS) ?? 'day') as StatsQuery['unit'],
    timeZone: query.get('timeZone') ?? undefined,
    list: {
      sort: oneOf(query, 'sort', SORTS) as LedgerQuery['sort'],
      order: oneOf(query, 'order', ORDERS) as LedgerQuery['order'],
      limit: limit === null ? undefined : Number(limit),
      cursor: query.get('cursor') ?? undefined,
    },
    format: (oneOf(query, 'format', ['csv', 'json']) ?? 'csv') as StatsQuery['format'],
  };
};

const ORDERS: readonly string[] = ['newest', 'oldest', 'ascending', 'descending'];

const oneOf = (query: URLSearchParams, name: string, allowed: readonly string[]): string | undefined => {
  const value = query.get(name);
  if (value === null) return undefined;
  if (allowed.includes(value)) return value;
  throw badRequest(name, `\`${name}\` must be ${allowed.join(', ')}.`);
};

const isoDate = z.iso.date();
const isoTime = z.iso.datetime({ offset: true, local: true });
const ZONE = /(?:Z|[+-]\d\d:\d\d)$/;

/** A date is its midnight in UTC; a time without an offset is in UTC too, wherever this machine is. */
const parseIso = (value: string): number => {
  if (isoDate.safeParse(value).success) return Date.parse(value);
  if (!isoTime.safeParse(value).success) return Number.NaN;
  return Date.parse(ZONE.test(value) ? value : `${value}Z`);
};

/** A time in milliseconds since 1970, or in ISO 8601. */
const timeOf = (query: URLSearchParams, name: string): number | undefined => {
  const value = query.get(name);
  if (value === null) return undefined;
  const time = /^\d+$/.test(value) ? Number(value) : parseIso(value);
  if (Number.isSafeInteger(time)) return time;
  throw badRequest(
    name,
    `\`${name}\` must be a time, such as 2026-11-21T00:00:00Z, or milliseconds since 1970.`,
  );
};
