import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CalendarUnit, calendarWindow } from './calendar.js';

const HOUR = 3_600_000;
const UNITS = ['hour', 'day', 'week', 'month'] as const;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Chatham',
  'Antarctica/Troll',
];

const ms = (iso: string): number => Date.parse(iso);
const instant = fc.integer({ min: ms('1972-01-01T00:00:00Z'), max: ms('2060-01-01T00:00:00Z') });
const anyZone = fc.constantFrom(...ZONES, ...Intl.supportedValuesOf('timeZone'));
const anyUnit = fc.constantFrom(...UNITS);

const shown = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at);

const LONGEST: Readonly<Record<CalendarUnit, number>> = {
  hour: HOUR,
  day: 26 * HOUR,
  week: 7 * 24 * HOUR + 2 * HOUR,
  month: 31 * 24 * HOUR + 2 * HOUR,
};

describe('a window of the calendar', () => {
  test('contains its instant, and every instant of it has the same window', () => {
    fc.assert(
      fc.property(
        instant,
        anyUnit,
        anyZone,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (at, unit, zone, part) => {
          const window = calendarWindow(at, unit, zone);
          expect(window.start).toBeLessThanOrEqual(at);
          expect(window.end).toBeGreaterThan(at);
          expect(window.end - window.start).toBeLessThanOrEqual(LONGEST[unit]);
          // Another zone in between, so that nothing that was kept is handed out.
          const inside = Math.min(
            window.end - 1,
            Math.floor(window.start + part * (window.end - window.start)),
          );
          for (const other of [window.start, inside, window.end - 1]) {
            calendarWindow(window.end, unit, zone);
            expect(calendarWindow(other, unit, zone)).toEqual(window);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('is followed by the next one without gap or overlap', () => {
    fc.assert(
      fc.property(instant, anyUnit, anyZone, (at, unit, zone) => {
        const { start, end } = calendarWindow(at, unit, zone);
        expect(calendarWindow(end, unit, zone).start).toBe(end);
        expect(calendarWindow(start - 1, unit, zone).end).toBe(start);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a day begins when the clocks first show its date', () => {
    fc.assert(
      fc.property(instant, anyZone, (at, zone) => {
        const { start, end } = calendarWindow(at, 'day', zone);
        const date = shown(start, zone).slice(0, 10);
        expect(shown(start - 1_000, zone) < date).toBe(true);
        expect(shown(end, zone).slice(0, 10) > date).toBe(true);
        expect(shown(end - 1_000, zone).slice(0, 10)).toBe(date);
      }),
      { numRuns: 500 },
    );
  });

  test('of a week is seven days from a Monday, and of a month the days of a month', () => {
    fc.assert(
      fc.property(instant, anyZone, fc.constantFrom('week' as const, 'month' as const), (at, zone, unit) => {
        const window = calendarWindow(at, unit, zone);
        const first = calendarWindow(window.start, 'day', zone);
        expect(first.start).toBe(window.start);
        const noon = new Date(`${shown(first.start, zone).slice(0, 10)}T12:00:00Z`);
        // Apia and others left out a day when they moved over the date line; it may have been a first one.
        if (unit === 'week' && noon.getUTCFullYear() !== 2011) expect(noon.getUTCDay()).toBe(1);
        if (unit === 'month') expect(noon.getUTCDate()).toBe(1);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['23 hours in spring', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00Z', 23],
    ['25 hours in autumn', 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00Z', 25],
    [
      '24 hours and a half where clocks change by half an hour',
      'Australia/Lord_Howe',
      '2026-04-05T03:00Z',
      '2026-04-04T13:00Z',
      24.5,
    ],
    [
      'a first hour of 01:00 where midnight is skipped',
      'America/Sao_Paulo',
      '2018-11-04T12:00Z',
      '2018-11-04T03:00Z',
      23,
    ],
    [
      'its first midnight where that comes twice',
      'America/Havana',
      '2025-11-02T12:00Z',
      '2025-11-02T04:00Z',
      25,
    ],
    ['a zone of half hours', 'Asia/Kolkata', '2026-01-01T18:29:59.999Z', '2025-12-31T18:30Z', 24],
    ['the day before one that was left out', 'Pacific/Apia', '2011-12-30T09:59Z', '2011-12-29T10:00Z', 24],
    ['the day after one that was left out', 'Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00Z', 24],
    [
      'the date that came back over midnight',
      'America/St_Johns',
      '2006-10-29T02:40Z',
      '2006-10-29T02:30Z',
      25,
    ],
  ])('of a day knows %s', (_, zone, at, start, hours) => {
    expect(calendarWindow(ms(at), 'day', zone)).toEqual({ start: ms(start), end: ms(start) + hours * HOUR });
  });

  test('of an hour that the clocks show twice is two', () => {
    const first = calendarWindow(ms('2026-10-25T00:30Z'), 'hour', 'Europe/Berlin');
    const second = calendarWindow(ms('2026-10-25T01:30Z'), 'hour', 'Europe/Berlin');
    expect([first.start, second.start]).toEqual([ms('2026-10-25T00:00Z'), ms('2026-10-25T01:00Z')]);
  });

  test('of an hour in which the clocks go back by half an hour is cut there', () => {
    expect(calendarWindow(ms('2026-04-04T15:10Z'), 'hour', 'Australia/Lord_Howe')).toEqual({
      start: ms('2026-04-04T15:00Z'),
      end: ms('2026-04-04T15:30Z'),
    });
  });

  test.each([
    ['Mars/Olympus', 0],
    ['', 0],
    ['UTC', Number.NaN],
    ['Europe/Berlin', Number.POSITIVE_INFINITY],
    ['Europe/Berlin', -1e15],
  ])('of the zone "%s" at %d is a mistake of the caller', (zone, at) => {
    expect(() => calendarWindow(at, 'day', zone)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
