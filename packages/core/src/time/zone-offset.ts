import { MillraceError } from '../model/errors/millrace-error.js';

const SECOND = 1_000;

// Every zone that a host names costs one formatter, some ten microseconds to make and under two to use.
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 100;

const newFormat = (timeZone: string): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (cause) {
    throw new MillraceError(
      'BAD_REQUEST',
      `"${timeZone}" is no time zone that this system knows. Use an IANA name such as "Europe/Berlin", or "UTC".`,
      { cause },
    );
  }
};

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = newFormat(timeZone);
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(timeZone, format);
  return format;
};

const shownTime = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;

/** The earliest time that {@link zoneOffset} takes. Before it, calendars and clocks were everybody's own affair. */
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(9999, 0, 1);

/**
 * What a zone's clocks show more than those of UTC at an instant, in milliseconds.
 *
 * @throws MillraceError `BAD_REQUEST` when the zone is not known, or the time is not within the years 1900 to 9998.
 */
export const zoneOffset = (at: number, timeZone: string): number => {
  if (!(at >= EARLIEST && at < LATEST)) {
    throw new MillraceError(
      'BAD_REQUEST',
      'A time must be in milliseconds since 1970, within the years 1900 to 9998.',
    );
  }
  if (timeZone === 'UTC') return 0;
  const instant = Math.floor(at / SECOND) * SECOND;
  const parts = shownTime.exec(formatOf(timeZone).format(instant));
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = parts?.slice(1).map(Number) ?? [];
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
};

/** The first instant at which the offset of `until` holds; `from` is before it and has another offset. */
export const offsetChange = (from: number, until: number, timeZone: string): number => {
  const after = zoneOffset(until, timeZone);
  let low = from;
  let high = until;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffset(middle, timeZone) === after) high = middle;
    else low = middle;
  }
  return high;
};
