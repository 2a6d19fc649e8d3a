import { MillraceError } from '../model/errors/millrace-error.js';

const SECOND = 1_000;
const DAY = 86_400_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** The offset at the beginning of a day in UTC, by the number of the day. */
  readonly offsets: Map<number, number>;
}

// Every zone that a host names costs one formatter, some ten microseconds to make and under two to use.
const zones = new Map<string, Zone>();
const MAX_ZONES = 100;
const MAX_OFFSETS = 1_000;

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

const zoneOf = (timeZone: string): Zone => {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const zone = { format: newFormat(timeZone), offsets: new Map<number, number>() };
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(timeZone, zone);
  return zone;
};

const shownTime = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;

const readOffset = ({ format }: Zone, at: number): number => {
  const instant = Math.floor(at / SECOND) * SECOND;
  const parts = shownTime.exec(format.format(instant));
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = parts?.slice(1).map(Number) ?? [];
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
};

const offsetOfDay = (zone: Zone, day: number): number => {
  const known = zone.offsets.get(day);
  if (known !== undefined) return known;
  const offset = readOffset(zone, day * DAY);
  if (zone.offsets.size >= MAX_OFFSETS) zone.offsets.clear();
  zone.offsets.set(day, offset);
  return offset;
};

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
  const zone = zoneOf(timeZone);
  const day = Math.floor(at / DAY);
  const offset = offsetOfDay(zone, day);
  // No zone ever changed its clocks twice within a day. Series ask for every hour of a year.
  return offset === offsetOfDay(zone, day + 1) ? offset : readOffset(zone, at);
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
