import type { CollectionShape } from '../collection-shape.js';
import type { Column } from '../column.js';
import type { PlannedKey } from '../group-key.js';
import type { RollUp } from '../roll-up.js';
import { marks, quote } from '../statement.js';
import type { StoredValue } from '../stored-value.js';

// A roll-up is a table with one row for each span of time and group. The spans of all lengths are in the same table.

/** Where totals of records without a time are kept: before every time there is. */
export const TIMELESS: number = Number.MIN_SAFE_INTEGER;

export const rollUpTable = (shape: CollectionShape, rollUp: RollUp): string =>
  quote(`millrace_rollup_${shape.name}_${rollUp.name}`);

export const keyColumn = ({ column }: PlannedKey): string => quote(`key_${column.name}`);
export const totalColumn = ({ name }: Column): string => quote(`total_${name}`);
export const countColumn = ({ name }: Column): string => quote(`count_${name}`);

const places = ({ keys }: RollUp): readonly string[] => ['span', 'start', ...keys.map(keyColumn)];
const figures = ({ totals, counts }: RollUp): readonly string[] => [
  'records',
  ...totals.map(totalColumn),
  ...counts.map(countColumn),
];

export const createTableText = (shape: CollectionShape, rollUp: RollUp): string => {
  const keys = rollUp.keys.map(
    (key) => `${keyColumn(key)} ${key.kind === 'scale' ? 'INTEGER' : 'TEXT'} NOT NULL`,
  );
  const columns = [
    'span INTEGER NOT NULL',
    'start INTEGER NOT NULL',
    ...keys,
    'records INTEGER NOT NULL',
    ...rollUp.totals.map((column) => `${totalColumn(column)} REAL NOT NULL`),
    ...rollUp.counts.map((column) => `${countColumn(column)} INTEGER NOT NULL`),
    `PRIMARY KEY (${places(rollUp).join(', ')})`,
  ];
  return `CREATE TABLE ${rollUpTable(shape, rollUp)} (${columns.join(', ')}) WITHOUT ROWID`;
};

/** Adds to the totals of a group; the values are its place, then what to add. */
export const addText = (shape: CollectionShape, rollUp: RollUp): string => {
  const columns = [...places(rollUp), ...figures(rollUp)];
  const sums = figures(rollUp).map((name) => `${name} = ${name} + excluded.${name}`);
  return `INSERT INTO ${rollUpTable(shape, rollUp)} (${columns.join(', ')}) VALUES (${marks(columns.length)}) ON CONFLICT (${places(rollUp).join(', ')}) DO UPDATE SET ${sums.join(', ')}`;
};

/** Takes out a group that has no record left; the values are its place. */
export const sweepText = (shape: CollectionShape, rollUp: RollUp): string => {
  const place = places(rollUp).map((name) => `${name} = ?`);
  return `DELETE FROM ${rollUpTable(shape, rollUp)} WHERE ${place.join(' AND ')} AND records <= 0`;
};

// A primary key cannot hold null, so that text is kept behind a mark. The order stays the same, null first.
const TEXT = '=';

/** A value of a group as it is kept. */
export const packKey = (kind: PlannedKey['kind'], value: StoredValue): string | number => {
  if (kind === 'scale') return value === null ? -1 : Number(value);
  if (kind === 'entry') return String(value);
  return value === null ? '' : `${TEXT}${value}`;
};

/** The value of a group as SQL, from how it is kept. */
export const unpackKeyText = (key: PlannedKey): string => {
  const column = keyColumn(key);
  if (key.kind === 'scale') return `NULLIF(${column}, -1)`;
  return key.kind === 'entry' ? column : `CASE ${column} WHEN '' THEN NULL ELSE substr(${column}, 2) END`;
};
