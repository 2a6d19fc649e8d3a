import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CalendarUnit, calendarWindow } from './calendar.js';

const UNITS: readonly CalendarUnit[] = ['hour', 'day', 'week', 'month'];
const ZONES = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  // Half an hour, three quarters, and clocks that are changed by half an hour.
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  // Clocks are changed at midnight.
  'America/Havana',
  'America/Santiago',
  'Africa/Cairo',
  // Clocks were changed at one minute past midnight.
  'America/St_Johns',
  // A day was left out.
  'Pacific/Apia',
];

const iso = (at: number): string => new Date(at).toISOString();
const window = (at: string, unit: CalendarUnit, zone: string) => {
  const { start, end } = calendarWindow(Date.parse(at), unit, zone);
  return [iso(start), iso(end)];
};

describe('the window of a unit', () => {
  test.each([
    ['day', 'UTC', '2026-11-21T08:00:00Z', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    [
      'month',
      'Europe/Zurich',
      '2026-11-21T08:00:00Z',
      '2026-10-31T23:00:00.000Z',
      '2026-11-30T23:00:00.000Z',
    ],
    ['week', 'Europe/Zurich', '2026-11-22T22:59:59Z', '2026-11-15T23:00:00.000Z', '2026-11-22T23:00:00.000Z'],
    // 23 and 25 hours.
    ['day', 'Europe/Zurich', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['day', 'Europe/Zurich', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    // There is no midnight: the day begins at one o'clock.
    [
      'day',
      'America/Santiago',
      '2026-09-06T12:00:00Z',
      '2026-09-06T04:00:00.000Z',
      '2026-09-07T03:00:00.000Z',
    ],
    // Midnight comes twice: the day begins at the first one.
    ['day', 'America/Havana', '2026-11-01T12:00:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    ['day', 'Asia/Kolkata', '2026-11-21T20:00:00Z', '2026-11-21T18:30:00.000Z', '2026-11-22T18:30:00.000Z'],
    ['hour', 'Asia/Kolkata', '2026-11-21T20:00:00Z', '2026-11-21T19:30:00.000Z', '2026-11-21T20:30:00.000Z'],
    // The thirtieth of December 2011 was left out.
    ['day', 'Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['day', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
  ] as const)('%s in %s at %s', (unit, zone, at, start, end) => {
    expect(window(at, unit, zone)).toEqual([start, end]);
  });
});

test('windows of every unit and zone follow each other, and each contains the time it was asked for', () => {
  const time = fc.integer({ min: Date.UTC(1985, 0, 1), max: Date.UTC(2035, 0, 1) });
  fc.assert(
    fc.property(time, fc.constantFrom(...UNITS), fc.constantFrom(...ZONES), (at, unit, zone) => {
      const { start, end } = calendarWindow(at, unit, zone);
      expect(start).toBeLessThanOrEqual(at);
      expect(end).toBeGreaterThan(at);
      expect(calendarWindow(start, unit, zone)).toEqual({ start, end });
      expect(calendarWindow(end - 1, unit, zone)).toEqual({ start, end });
      expect(calendarWindow(end, unit, zone).start).toBe(end);
      expect(calendarWindow(start - 1, unit, zone).end).toBe(start);
    }),
    { numRuns: 600 },
  );
});

test('around every change of the clocks of a year the windows stay without a gap', () => {
  for (const zone of ZONES) {
    for (const unit of ['hour', 'day'] as const) {
      let at = Date.UTC(2006, 0, 1);
      const until = Date.UTC(2007, 0, 1);
      while (at < until) {
        const { start, end } = calendarWindow(at, unit, zone);
        expect(end, `${zone} ${unit} ${iso(at)}`).toBeGreaterThan(at);
        expect(start).toBeLessThanOrEqual(at);
        at = end + (unit === 'hour' ? 6 * 3_600_000 : 0);
      }
    }
  }
});

test('a time zone that nobody knows is refused', () => {
  expect(() => calendarWindow(0, 'day', 'Europe/Atlantis')).toThrow(RangeError);
});
