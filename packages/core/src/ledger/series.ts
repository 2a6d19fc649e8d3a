import type { AggregateRow, RecordCollection } from '../storage/record-store.js';
import type { CalendarUnit } from '../time/calendar.js';
import { calendarBounds } from '../time/calendar-bounds.js';
import { type LedgerStatisticQuery, toWhere } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';
import type { LedgerSummary } from './ledger-summary.js';
import { NO_CALLS, SUMMARY_FIGURES, summarizeCalls } from './summarize-calls.js';

/** How to draw figures over time. */
export interface LedgerSeriesQuery extends LedgerStatisticQuery {
  /** Calls that began at this time or later, in milliseconds since 1970. */
  readonly from: number;
  /** Calls that began before this time. Default: now. */
  readonly before?: number | undefined;
  /** How long the windows are. Weeks begin on Monday. */
  readonly unit: CalendarUnit;
  /** Whose hours, days, weeks and months: an IANA name. Default: `UTC`. */
  readonly timeZone?: string | undefined;
}

/** The totals of one window of time. */
export interface LedgerPoint extends LedgerSummary {
  /** When the window begins, in milliseconds since 1970. */
  readonly start: number;
  /** When the next one begins. */
  readonly end: number;
}

/**
 * Totals by windows of the calendar. Calls outside of `from` and `before` are left out, so that the first and last window may be
 * counted in part. Without groups every window has a point; with groups, those that have calls.
 */
export const drawSeries = async (
  calls: RecordCollection<LedgerRecord>,
  query: LedgerSeriesQuery,
): Promise<readonly LedgerPoint[]> => {
  const { unit, timeZone = 'UTC', by = [], signal, before = Date.now(), ...rest } = query;
  const filter = { ...rest, before };
  const bounds = calendarBounds(query.from, before, unit, timeZone);
  const rows = await calls.aggregate({
    where: toWhere(filter),
    groupBy: [{ column: 'startedAt', bounds }, ...new Set(by)],
    figures: SUMMARY_FIGURES,
    signal,
  });
  const windows = Map.groupBy(rows, (row: AggregateRow) => Number(row['startedAt']));
  return bounds.slice(1).flatMap((end, index) => {
    const start = bounds[index] ?? end;
    const summaries = summarizeCalls(windows.get(start) ?? [], by);
    const shown = summaries.length === 0 && by.length === 0 ? [NO_CALLS] : summaries;
    return shown.map((summary) => ({ start, end, ...summary }));
  });
};
