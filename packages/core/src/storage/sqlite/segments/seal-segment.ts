import type { DatabaseSync } from 'node:sqlite';
import type { CollectionShape } from '../../collection-shape.js';
import type { Segments } from '../../segments.js';
import { marks, quote } from '../../statement.js';
import type { StoredValue } from '../../stored-value.js';
import { createColumnGatherer } from './column-values.js';
import { packColumn } from './packed-column.js';
import { packNumbers } from './packed-numbers.js';
import { rowsOf } from './row-statement.js';
import {
  changeTable,
  columnPlace,
  columnTable,
  LITTLE_ENDIAN,
  OFFSETS,
  segmentTable,
} from './segment-tables.js';

/** The records of a segment: those with a rowid from `low` to `high`. */
export interface SegmentRange {
  readonly low: number;
  readonly high: number;
}

/** Writes segments anew from their records. */
export interface SegmentSealer {
  /** Leaves no segment where there are no records. */
  seal(range: SegmentRange): void;
}

const RANDOM_NUMBERS = 2 ** 48;

const earlier = (time: number, other: number | null): number =>
  other === null ? time : Math.min(time, other);
const later = (time: number, other: number | null): number => (other === null ? time : Math.max(time, other));

export const createSegmentSealer = (
  database: DatabaseSync,
  shape: CollectionShape,
  { columns, time }: Segments,
): SegmentSealer => {
  // Named by their places: the key may be a column of segments too.
  const names = ['_rowid_', ...[shape.primaryKey, ...columns].map(({ name }) => quote(name))]
    .map((name, place) => `r.${name} AS "place ${place}"`)
    .join(', ');
  const records = database.prepare(
    `SELECT ${names} FROM ${quote(shape.name)} AS r WHERE r._rowid_ BETWEEN ? AND ? ORDER BY r._rowid_`,
  );
  const clearing = [
    database.prepare(`DELETE FROM ${changeTable(shape)} WHERE place BETWEEN ? AND ?`),
    database.prepare(`DELETE FROM ${segmentTable(shape)} WHERE high BETWEEN ? AND ?`),
  ];
  const clearColumns = database.prepare(`DELETE FROM ${columnTable(shape)} WHERE place >= ? AND place < ?`);
  const addSegment = database.prepare(
    `INSERT INTO ${segmentTable(shape)} (high, low, sealed, little, records, earliest, latest, first, first_key, last, last_key) VALUES (${marks(11)})`,
  );
  const addColumn = database.prepare(`INSERT INTO ${columnTable(shape)} (place, data) VALUES (?, ?)`);
  // A row is its rowid, its key and then the columns.
  const timePlace = columns.indexOf(time) + 2;

  return {
    seal({ low, high }) {
      for (const statement of clearing) statement.run(low, high);
      clearColumns.run(columnPlace(high, 0), columnPlace(high + 1, 0));
      const offsets = new Uint32Array(high - low + 1);
      const gatherers = columns.map(({ type }) => createColumnGatherer(type, high - low + 1));
      let count = 0;
      let earliest: number | null = null;
      let latest: number | null = null;
      let first: readonly StoredValue[] | undefined;
      let last: readonly StoredValue[] = [];
      for (const row of rowsOf(records, [low, high])) {
        first ??= row;
        last = row;
        const at = row[timePlace] ?? null;
        if (at !== null) {
          earliest = earlier(Number(at), earliest);
          latest = later(Number(at), latest);
        }
        for (let index = 0; index < gatherers.length; index += 1)
          gatherers[index]?.add(row[index + 2] ?? null);
        offsets[count] = Number(row[0]) - low;
        count += 1;
      }
      if (first === undefined) return;
      const sealed = Math.floor(Math.random() * RANDOM_NUMBERS);
      const [[firstPlace = 0, firstKey = ''], [lastPlace = 0, lastKey = '']] = [first, last];
      addSegment.run(
        ...[high, low, sealed, LITTLE_ENDIAN, count, earliest, latest],
        ...[firstPlace, firstKey, lastPlace, lastKey],
      );
      for (const [position, gatherer] of gatherers.entries()) {
        addColumn.run(columnPlace(high, position), packColumn(gatherer.take(), count));
      }
      if (count < offsets.length) addColumn.run(columnPlace(high, OFFSETS), packNumbers(offsets, count));
    },
  };
};
