import type { DatabaseSync } from 'node:sqlite';
import type { Column } from '../../column.js';
import type { Period } from '../../period.js';
import { quote } from '../../statement.js';
import type { StoredValue } from '../../stored-value.js';
import type { Batch } from './batch.js';
import type { ColumnSource } from './column-source.js';
import type { ColumnValues } from './column-values.js';
import { createColumnUnpacker } from './packed-column.js';
import { readNumbers } from './packed-numbers.js';
import type { ScannedTable } from './segment-query.js';
import { changeTable, movedText, OFFSETS, segmentTable } from './segment-tables.js';

/** The records of a segment. */
interface SealedBatch extends Batch {
  /** Places of records that have changed since, each once: they do not count. */
  readonly leftOut: readonly number[];
  /** The rowids of all places. */
  rowids(): (place: number) => number;
}

/** Reads segments, all of it within a transaction of others. */
export interface SealedBatches {
  /**
   * The greatest rowid that is in a segment; undefined where rowids no longer mean what they did, or where so many
   * records are in none that they are read faster by a statement.
   */
  extent(table: ScannedTable): number | undefined;
  /** How many records are in those that have one in the period. */
  count(table: ScannedTable, period: Period): number;
  /** Those that have a record in the period. */
  read(table: ScannedTable, period: Period): Iterable<SealedBatch>;
}

interface SegmentRow {
  readonly high: number;
  readonly low: number;
  readonly records: number;
  readonly sealed: number;
}

/** So many times the size of a segment are read faster by a statement of their own. */
const MANY_ROWS = 16;

export const createSealedBatches = (database: DatabaseSync, source: ColumnSource): SealedBatches => {
  const checkedSchemas = new Map<string, number>();
  const get = (text: string, ...values: readonly StoredValue[]): Record<string, unknown> =>
    database.prepare(text).get(...values) ?? {};

  /** Whether rowids mean what they did when the segments were written. */
  const areInPlace = ({ table }: ScannedTable): boolean => {
    const version = Number(get('PRAGMA schema_version')['schema_version']);
    if (checkedSchemas.get(table.name) === version) return true;
    if (Number(get(movedText(table))['moved']) > 0) return false;
    checkedSchemas.set(table.name, version);
    return true;
  };

  const segmentsOf = ({ table }: ScannedTable, { from, before }: Period): readonly SegmentRow[] => {
    const conditions = [
      ...(from === undefined ? [] : [`latest >= ${from}`]),
      ...(before === undefined ? [] : [`earliest < ${before}`]),
    ];
    const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const rows = database
      .prepare(`SELECT high, low, records, sealed FROM ${segmentTable(table)}${filter} ORDER BY high`)
      .all();
    return rows as unknown as readonly SegmentRow[];
  };

  /** How far the rowids are from the first; undefined where none is missing. */
  const offsetsOf = (
    { table }: ScannedTable,
    { high, low, records, sealed }: SegmentRow,
  ): Uint32Array | undefined => {
    if (records === high - low + 1) return undefined;
    const list = source.read(table, high, OFFSETS, sealed);
    if (list === undefined) return undefined;
    const offsets = new Uint32Array(records);
    readNumbers(list, 0).readCodesInto(offsets);
    return offsets;
  };

  /** The places in a segment of records that have changed. */
  const leftOutOf = (
    scanned: ScannedTable,
    segment: SegmentRow,
    changed: readonly number[],
  ): readonly number[] => {
    const offsets = changed.map((rowid) => rowid - segment.low);
    const kept = offsets.length === 0 ? undefined : offsetsOf(scanned, segment);
    if (kept === undefined) return offsets;
    const placeOf = new Map(Array.from(kept, (offset, place) => [offset, place] as const));
    return offsets.flatMap((offset) => placeOf.get(offset) ?? []);
  };

  return {
    extent(scanned) {
      if (!areInPlace(scanned)) return undefined;
      const { table, size } = scanned;
      const { sealed, newest } = get(
        `SELECT (SELECT COALESCE(MAX(high), 0) FROM ${segmentTable(table)}) AS sealed, (SELECT COALESCE(MAX(_rowid_), 0) FROM ${quote(table.name)}) AS newest`,
      );
      return Number(newest) - Number(sealed) > MANY_ROWS * size ? undefined : Number(sealed);
    },
    count: (scanned, period) =>
      segmentsOf(scanned, period).reduce((sum, { records }) => sum + Number(records), 0),
    *read(scanned, period) {
      const { table, columns } = scanned;
      const changes = database.prepare(`SELECT place FROM ${changeTable(table)} WHERE place BETWEEN ? AND ?`);
      const unpackers = new Map(
        columns.map(([column, position]) => [
          column.index,
          { position, unpack: createColumnUnpacker(column.type) },
        ]),
      );
      for (const segment of segmentsOf(scanned, period)) {
        const { high, low, records, sealed } = segment;
        const known = new Map<number, ColumnValues>();
        const valuesOf = (column: Column): ColumnValues => {
          const unpacker = unpackers.get(column.index);
          const bytes = unpacker && source.read(table, high, unpacker.position, sealed);
          if (unpacker === undefined || bytes === undefined) {
            throw new Error(`A segment has no column "${column.name}".`);
          }
          const values = unpacker.unpack(bytes);
          known.set(column.index, values);
          return values;
        };
        const changed = changes.all(low, high).map(({ place }) => Number(place));
        yield {
          count: records,
          values: (column) => known.get(column.index) ?? valuesOf(column),
          leftOut: leftOutOf(scanned, segment, changed),
          rowids() {
            const offsets = offsetsOf(scanned, segment);
            return (place) => low + (offsets?.[place] ?? place);
          },
        };
      }
    },
  };
};
