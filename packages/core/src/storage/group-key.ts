import type { Column } from './column.js';
import type { ColumnType, GroupKey } from './record-store.js';

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
