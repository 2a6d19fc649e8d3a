import { describe, expect, test } from 'vitest';
import { calendarBounds } from './calendar-bounds.js';

const ms = (iso: string): number => Date.parse(iso);

describe('the bounds of windows', () => {
  test('hold the whole period, days of 23 and 25 hours included', () => {
    const days = calendarBounds(ms('2026-03-28T10:00Z'), ms('2026-03-30T10:00Z'), 'day', 'Europe/Berlin');
    expect(days.map((at) => new Date(at).toISOString())).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ]);
    const hours = calendarBounds(ms('2026-10-24T22:00Z'), ms('2026-10-25T23:00Z'), 'hour', 'Europe/Berlin');
    expect(hours).toHaveLength(26);
  });

  test('end where the period ends if that is the end of a window', () => {
    expect(calendarBounds(0, 3_600_000, 'hour', 'UTC')).toEqual([0, 3_600_000]);
  });

  test('can be of at most 10,000 windows', () => {
    const hour = 3_600_000;
    expect(calendarBounds(0, 10_000 * hour, 'hour', 'UTC')).toHaveLength(10_001);
    const refusal = expect.objectContaining({ code: 'BAD_REQUEST' });
    expect(() => calendarBounds(0, 10_001 * hour, 'hour', 'UTC')).toThrow(refusal);
  });

  test.each([
    [1, 1],
    [2, 1],
    [Number.NaN, 1],
  ])('of a period from %d before %d are a mistake of the caller', (from, before) => {
    expect(() => calendarBounds(from, before, 'day', 'UTC')).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
  });
});
