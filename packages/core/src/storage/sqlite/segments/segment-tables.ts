import type { CollectionShape } from '../../collection-shape.js';
import { quote } from '../../statement.js';

// Three tables of a collection. A segment covers the records with a rowid from `low` to `high`, and is named by the
// latter. What is in no segment has a rowid above all of them, or is marked as changed.

/** The table of the records. */
export type SegmentedTable = Pick<CollectionShape, 'name' | 'primaryKey'>;

/** The table of the segments, quoted. */
export const segmentTable = ({ name }: SegmentedTable): string => quote(`millrace_segments_${name}`);

/** The table of their columns, quoted. */
export const columnTable = ({ name }: SegmentedTable): string => quote(`millrace_segment_columns_${name}`);

/** The table of the records, by rowid, that are no longer what their segment says, quoted. */
export const changeTable = ({ name }: SegmentedTable): string => quote(`millrace_segment_changes_${name}`);

/** The number of what is kept beside the columns: how far the rowids are from `low`, where some are missing. */
export const OFFSETS = 255;

/** Columns of a segment follow each other, so that each is found by one number. */
const COLUMN_STEP = 256;

/** The place of a column in its table: `high` of the segment, and the number of the column among those of segments. */
export const columnPlace = (high: number, position: number): number => high * COLUMN_STEP + position;

/** The statements of the step that adds segments. They may take the place of earlier ones. */
export const segmentTableTexts = (shape: CollectionShape): readonly string[] => [
  ...[segmentTable, columnTable, changeTable].map((table) => `DROP TABLE IF EXISTS ${table(shape)}`),
  // `sealed` is another number each time that the segment is written. The two records by whose keys it is seen that
  // rowids still mean the same are the first and the last that were there.
  `CREATE TABLE ${segmentTable(shape)} (high INTEGER PRIMARY KEY, low INTEGER NOT NULL, sealed INTEGER NOT NULL, little INTEGER NOT NULL, records INTEGER NOT NULL, earliest INTEGER, latest INTEGER, first INTEGER NOT NULL, first_key TEXT NOT NULL, last INTEGER NOT NULL, last_key TEXT NOT NULL)`,
  `CREATE TABLE ${columnTable(shape)} (place INTEGER PRIMARY KEY, data BLOB NOT NULL)`,
  `CREATE TABLE ${changeTable(shape)} (place INTEGER PRIMARY KEY)`,
];

/** Whether this machine writes the low byte of a number first: 1 or 0. */
export const LITTLE_ENDIAN: number = new Uint8Array(Uint16Array.of(1).buffer)[0] ?? 0;

/** Counts the segments that mean nothing here: rowids are those of other records, or bytes are in another order. */
export const movedText = (shape: SegmentedTable): string => {
  const key = quote(shape.primaryKey.name);
  const isAt = (place: string, value: string): string =>
    `EXISTS (SELECT 1 FROM ${quote(shape.name)} AS r WHERE r._rowid_ = s.${place} AND r.${key} = s.${value})`;
  return `SELECT COUNT(*) AS moved FROM ${segmentTable(shape)} AS s WHERE NOT (s.little = ${LITTLE_ENDIAN} AND ${isAt('first', 'first_key')} AND ${isAt('last', 'last_key')})`;
};

/** Takes out all segments. */
export const clearTexts = (shape: CollectionShape): readonly string[] =>
  [segmentTable, columnTable, changeTable].map((table) => `DELETE FROM ${table(shape)}`);
