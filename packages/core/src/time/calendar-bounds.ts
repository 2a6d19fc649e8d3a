import { MillraceError } from '../model/errors/millrace-error.js';
import { type CalendarUnit, calendarWindow } from './calendar.js';

const MAX_WINDOWS = 10_000;

/**
 * Where the windows of a calendar unit that hold a period begin and end: one bound more than there are windows.
 *
 * @throws MillraceError `BAD_REQUEST` when there are more than 10,000, the period is empty or the zone is not known.
 */
export const calendarBounds = (
  from: number,
  before: number,
  unit: CalendarUnit,
  timeZone: string,
): readonly number[] => {
  if (!(from < before)) {
    throw new MillraceError('BAD_REQUEST', '"from" must be a time before "before".');
  }
  let { start, end } = calendarWindow(from, unit, timeZone);
  const bounds = [start, end];
  while (end < before) {
    if (bounds.length > MAX_WINDOWS) {
      throw new MillraceError(
        'BAD_REQUEST',
        `A period can have at most ${MAX_WINDOWS} of the unit "${unit}". Take a shorter period, or a longer unit.`,
      );
    }
    ({ start, end } = calendarWindow(end, unit, timeZone));
    bounds.push(end);
  }
  return bounds;
};
