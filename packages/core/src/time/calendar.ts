/** A stretch of the calendar. */
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month';

/** A stretch of time: from `start` on, up to and without `end`, in milliseconds since 1970. */
export interface CalendarWindow {
  readonly start: number;
  readonly end: number;
}

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * The hour, day, week (from Monday) or month that contains a time, by the clocks of a time zone. The windows of a unit
 * follow each other without gaps and without overlap, also where clocks are put forward or back.
 *
 * @param timeZone - an IANA name such as `Europe/Zurich`.
 * @throws RangeError for a time zone that the runtime does not know.
 */
export const calendarWindow = (at: number, unit: CalendarUnit, timeZone: string): CalendarWindow => {
  const name = `${unit} ${timeZone}`;
  const last = lastWindows.get(name);
  if (last !== undefined && last.start <= at && at < last.end) return last;
  const window = unit === 'hour' ? hourWindow(at, timeZone) : dateWindow(at, unit, timeZone);
  if (lastWindows.size >= MOST_KEPT) lastWindows.clear();
  lastWindows.set(name, window);
  return window;
};

/** What was asked last: mostly it is asked again. */
const lastWindows = new Map<string, CalendarWindow>();
const MOST_KEPT = 500;

const hourWindow = (at: number, timeZone: string): CalendarWindow => {
  const offset = offsetAt(at, timeZone);
  const start = Math.floor((at + offset) / HOUR) * HOUR - offset;
  const end = start + HOUR;
  // Clocks that change within the hour, by half an hour say, end it or begin it.
  return {
    start: offsetAt(start, timeZone) === offset ? start : firstWith(offset, start, at, timeZone),
    end: offsetAt(end - 1, timeZone) === offset ? end : firstWithout(offset, at, end - 1, timeZone),
  };
};

const dateWindow = (at: number, unit: 'day' | 'week' | 'month', timeZone: string): CalendarWindow => {
  let from = firstDay(at + offsetAt(at, timeZone), unit);
  for (;;) {
    const next = followingDay(from, unit);
    const start = firstInstant(from, timeZone);
    const end = firstInstant(next, timeZone);
    if (at >= end) from = next;
    else if (at < start) from = firstDay(from - 1, unit);
    else return { start, end };
  }
};

/** Local times are written as if they were UTC. */
const firstDay = (local: number, unit: 'day' | 'week' | 'month'): number => {
  const date = new Date(Math.floor(local / DAY) * DAY);
  if (unit === 'week') return date.getTime() - ((date.getUTCDay() + 6) % 7) * DAY;
  return unit === 'day' ? date.getTime() : Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
};

const followingDay = (local: number, unit: 'day' | 'week' | 'month'): number => {
  if (unit !== 'month') return local + (unit === 'day' ? DAY : 7 * DAY);
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
};

/** The first moment at which the clocks of a zone show a local time, or a later one where they leave it out. */
const firstInstant = (local: number, timeZone: string): number => {
  const before = local - offsetAt(local - DAY, timeZone);
  const after = local - offsetAt(local + DAY, timeZone);
  const shown = [before, after].filter((instant) => instant + offsetAt(instant, timeZone) === local);
  if (shown.length > 0) return Math.min(...shown);
  return bisect(Math.min(before, after), Math.max(before, after), (instant) => {
    return instant + offsetAt(instant, timeZone) >= local;
  });
};

const firstWith = (offset: number, low: number, high: number, timeZone: string): number =>
  bisect(low, high, (instant) => offsetAt(instant, timeZone) === offset);

const firstWithout = (offset: number, low: number, high: number, timeZone: string): number =>
  bisect(low, high, (instant) => offsetAt(instant, timeZone) !== offset);

/** The first time for which something holds that does not hold for `low` and does for `high`. */
const bisect = (low: number, high: number, holds: (instant: number) => boolean): number => {
  let no = low;
  let yes = high;
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
};

const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formatters.size >= MOST_KEPT) formatters.clear();
  formatters.set(timeZone, formatter);
  return formatter;
};

/** How far the clocks of a zone are before UTC, in milliseconds. */
const offsetAt = (at: number, timeZone: string): number => {
  const fields: Record<string, number> = {};
  const whole = Math.floor(at / SECOND) * SECOND;
  for (const { type, value } of formatterOf(timeZone).formatToParts(whole)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
};
