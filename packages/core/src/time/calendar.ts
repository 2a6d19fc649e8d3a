import { offsetChange, zoneOffset } from './zone-offset.js';

/** A unit of the calendar. Weeks begin on Monday. */
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month';

/** A span of time, in milliseconds since 1970: `start` belongs to it, `end` does not. */
interface CalendarWindow {
  readonly start: number;
  readonly end: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/**
 * The first instant at which a zone's clocks show a time, or a later one where that time is skipped. The time is given
 * as the instant at which the clocks of UTC show it.
 */
const firstInstantOf = (shown: number, timeZone: string): number => {
  // Offsets are less than a day, and no zone ever changed its clocks twice within three days.
  const from = shown - 1.5 * DAY;
  const until = shown + 1.5 * DAY;
  const before = zoneOffset(from, timeZone);
  const after = zoneOffset(until, timeZone);
  if (before === after) return shown - before;
  const change = offsetChange(from, until, timeZone);
  if (shown - before < change) return shown - before;
  return Math.max(shown - after, change);
};

/** The first days of the unit that holds a day and of the next one, each as the instant at which it begins in UTC. */
const unitAround = (day: number, unit: Exclude<CalendarUnit, 'hour'>): readonly [number, number] => {
  if (unit === 'day') return [day, day + DAY];
  const date = new Date(day);
  if (unit === 'week') {
    const monday = day - modulo(date.getUTCDay() - 1, 7) * DAY;
    return [monday, monday + 7 * DAY];
  }
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return [Date.UTC(year, month), Date.UTC(year, month + 1)];
};

const daysWindow = (at: number, unit: Exclude<CalendarUnit, 'hour'>, timeZone: string): CalendarWindow => {
  const shown = at + zoneOffset(at, timeZone);
  const [first, next] = unitAround(shown - modulo(shown, DAY), unit);
  const end = firstInstantOf(next, timeZone);
  if (at < end) return { start: firstInstantOf(first, timeZone), end };
  // The clocks went back over midnight, and show the end of the old day again: it counts for the new day, so that
  // every window is one piece.
  const [, later] = unitAround(next, unit);
  return { start: end, end: firstInstantOf(later, timeZone) };
};

const hourWindow = (at: number, timeZone: string): CalendarWindow => {
  const offset = zoneOffset(at, timeZone);
  const start = at - modulo(at + offset, HOUR);
  const end = start + HOUR;
  const cutBefore = (zoneOffset(start, timeZone) - offset) % HOUR !== 0;
  const cutAfter = (zoneOffset(end, timeZone) - offset) % HOUR !== 0;
  // Clocks that change by half an hour leave a short hour before the change, and one after it.
  return {
    start: cutBefore ? offsetChange(start, at, timeZone) : start,
    end: cutAfter ? offsetChange(at, end, timeZone) : end,
  };
};

const last = new Map<string, CalendarWindow>();
const MAX_LAST = 100;

/**
 * The hour, day, week or month of a time zone that contains an instant.
 *
 * The windows of a unit follow each other without gap or overlap. A day on which the clocks change has 23 or 25 hours;
 * a midnight that is skipped is the moment of the change; of a midnight that comes twice, the first one counts. An hour
 * that the clocks show twice is two hours.
 *
 * @throws MillraceError `BAD_REQUEST` when the zone is not known, or the time is not within the years 1900 to 9998.
 */
export const calendarWindow = (
  at: number,
  unit: CalendarUnit,
  timeZone: string,
): { readonly start: number; readonly end: number } => {
  const key = `${unit} ${timeZone}`;
  const known = last.get(key);
  if (known !== undefined && at >= known.start && at < known.end) return known;
  const window = unit === 'hour' ? hourWindow(at, timeZone) : daysWindow(at, unit, timeZone);
  if (last.size >= MAX_LAST) last.clear();
  last.set(key, window);
  return window;
};
