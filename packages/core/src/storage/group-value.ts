import type { PlannedKey } from './group-key.js';
import type { PlannedFigure } from './query-plan.js';
import type { Scalar } from './record-store.js';
import { decodeScalar, type StoredRow, type StoredValue } from './stored-value.js';
import { scaleMiddle, scaleStep } from './value-scale.js';

/** Where the last of rising numbers that is at most `value` stands; -1 when there is none. */
export const lastAtMost = (numbers: readonly number[], value: number): number => {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** The entries of an object of numbers, as it is stored. What is no number is left out. */
export const entriesIn = (stored: StoredValue | undefined): readonly (readonly [string, number])[] => {
  if (typeof stored !== 'string') return [];
  const value: unknown = JSON.parse(stored);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
};

/** The value of a group that a row belongs to; undefined when it belongs to none. Not for entries, of which a row has many. */
export const groupValue = (key: PlannedKey, row: StoredRow): StoredValue | undefined => {
  const value = row[key.column.index] ?? null;
  if (key.kind === 'value' || value === null) return key.kind === 'range' ? undefined : value;
  if (key.kind === 'scale') return scaleStep(Number(value));
  if (key.kind === 'entry') return undefined;
  const place = lastAtMost(key.bounds, Number(value));
  return place === key.bounds.length - 1 ? undefined : key.bounds[place];
};

/** The value of a group, from its stored form. */
export const decodeKey = ({ kind, column }: PlannedKey, stored: StoredValue | undefined): Scalar => {
  if (stored === null || stored === undefined) return null;
  if (kind === 'scale') return scaleMiddle(Number(stored));
  if (kind === 'range') return Number(stored);
  return kind === 'entry' ? String(stored) : decodeScalar(column.type, stored);
};

/** A figure, from its stored form: that of a percentile is the step it is in. */
export const decodeFigure = ({ thousandths }: PlannedFigure, stored: StoredValue | undefined): Scalar => {
  if (stored === null || stored === undefined) return null;
  if (thousandths !== undefined) return scaleMiddle(Number(stored));
  return typeof stored === 'string' ? decodeScalar('text', stored) : stored;
};
