import type { Column } from './column.js';
import type { ColumnType, GroupKey } from './record-store.js';
import type { StoredRow, StoredValue } from './stored-value.js';
import { scaleStep } from './value-scale.js';

/** A checked key to group by. */
export type PlannedKey =
  | { readonly kind: 'value'; readonly column: Column }
  | { readonly kind: 'range'; readonly column: Column; readonly bounds: readonly number[] }
  | { readonly kind: 'scale'; readonly column: Column }
  | { readonly kind: 'entry'; readonly column: Column };

const MAX_BOUNDS = 10_001;

const COLUMN_TYPES: Readonly<Record<PlannedKey['kind'], readonly ColumnType[]>> = {
  value: ['text', 'integer', 'real', 'boolean'],
  range: ['integer', 'real'],
  scale: ['integer', 'real'],
  entry: ['json'],
};

const kindOf = (key: GroupKey): PlannedKey['kind'] | undefined => {
  if (typeof key === 'string') return 'value';
  if ('bounds' in key) return 'range';
  if ('scale' in key) return key.scale === 'logarithmic' ? 'scale' : undefined;
  return 'each' in key && key.each === 'entry' ? 'entry' : undefined;
};

const areBounds = (bounds: unknown): bounds is readonly number[] =>
  Array.isArray(bounds) &&
  bounds.length >= 2 &&
  bounds.length <= MAX_BOUNDS &&
  bounds.every((bound, index) => Number.isSafeInteger(bound) && (index === 0 || bound > bounds[index - 1]));

/** Finds the column of a key. `find` and `fail` throw the error that suits the place. */
export const planKey = (
  key: GroupKey,
  find: (name: string, types: readonly ColumnType[]) => Column,
  fail: (problem: string) => never,
): PlannedKey => {
  const kind = kindOf(key);
  if (kind === undefined) {
    return fail(
      'What to group by must be a column, or have "bounds", "scale": "logarithmic" or "each": "entry".',
    );
  }
  const column = find(typeof key === 'string' ? key : key.column, COLUMN_TYPES[kind]);
  if (typeof key === 'string' || !('bounds' in key)) return { kind, column } as PlannedKey;
  if (!areBounds(key.bounds)) {
    return fail(
      `The bounds on "${column.name}" must be 2 to ${MAX_BOUNDS} safe integers, each greater than the one before.`,
    );
  }
  return { kind: 'range', column, bounds: key.bounds };
};

/** Where the last of rising numbers that is at most `value` stands; -1 when there is none. */
const lastAtMost = (numbers: readonly number[], value: number): number => {
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
