import type { DatabaseSync } from 'node:sqlite';
import type { Column } from '../../column.js';
import type { Period } from '../../period.js';
import { quote } from '../../statement.js';
import type { StoredValue } from '../../stored-value.js';
import { rollBack } from '../roll-back.js';
import type { Batch } from './batch.js';
import { createColumnSource } from './column-source.js';
import type { ColumnValues } from './column-values.js';
import type { FigureTable } from './figure-table.js';
import { createColumnUnpacker } from './packed-column.js';
import { readNumbers } from './packed-numbers.js';
import { rowBatches } from './row-batches.js';
import { createScan } from './scan.js';
import { scannedPeriod } from './scanned-conditions.js';
import type { SegmentQuery } from './segment-query.js';
import { changeTable, movedText, OFFSETS, segmentTable } from './segment-tables.js';

/** Answers queries from segments. */
export interface SegmentReader {
  /** What the statement of the plan would give; undefined where that should be asked instead. */
  read(query: SegmentQuery): FigureTable | undefined;
}

interface SegmentRow {
  readonly high: number;
  readonly low: number;
  readonly records: number;
  readonly sealed: number;
}

/** So many times the size of a segment are read faster by a statement of their own. */
const MANY_ROWS = 16;

export const createSegmentReader = (database: DatabaseSync): SegmentReader => {
  const source = createColumnSource(database);
  const checkedSchemas = new Map<string, number>();
  const get = (text: string, ...values: readonly StoredValue[]): Record<string, unknown> =>
    database.prepare(text).get(...values) ?? {};

  /** Whether rowids mean what they did when the segments were written. */
  const areInPlace = ({ table }: SegmentQuery): boolean => {
    const version = Number(get('PRAGMA schema_version')['schema_version']);
    if (checkedSchemas.get(table.name) === version) return true;
    if (Number(get(movedText(table))['moved']) > 0) return false;
    checkedSchemas.set(table.name, version);
    return true;
  };

  const isSlower = ({ rival }: SegmentQuery): boolean =>
    rival !== undefined && Number(get(rival.count.text, ...rival.count.values)['found']) <= rival.most;

  const sealedOf = ({ table, size }: SegmentQuery): number | undefined => {
    const { sealed, newest } = get(
      `SELECT (SELECT COALESCE(MAX(high), 0) FROM ${segmentTable(table)}) AS sealed, (SELECT COALESCE(MAX(_rowid_), 0) FROM ${quote(table.name)}) AS newest`,
    );
    return Number(newest) - Number(sealed) > MANY_ROWS * size ? undefined : Number(sealed);
  };

  const segmentsOf = (table: SegmentQuery['table'], { from, before }: Period): readonly SegmentRow[] => {
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

  /** The places in a segment of records that have changed. */
  const leftOutOf = (
    table: SegmentQuery['table'],
    { high, low, records, sealed }: SegmentRow,
    changed: readonly number[],
  ): readonly number[] => {
    const offsets = changed.map((place) => place - low);
    if (offsets.length === 0 || records === high - low + 1) return offsets;
    const list = source.read(table, high, OFFSETS, sealed);
    if (list === undefined) return offsets;
    const kept = new Uint32Array(records);
    readNumbers(list, 0).readCodesInto(kept);
    const placeOf = new Map(Array.from(kept, (offset, place) => [offset, place] as const));
    return offsets.flatMap((offset) => placeOf.get(offset) ?? []);
  };

  const scanAll = (query: SegmentQuery, sealed: number): FigureTable => {
    const { table, plan, columns, time } = query;
    const period = scannedPeriod(plan, time);
    const scan = createScan(plan);
    const changes = database.prepare(`SELECT place FROM ${changeTable(table)} WHERE place BETWEEN ? AND ?`);
    const unpackers = new Map(
      columns.map(([column, position]) => [
        column.index,
        { position, unpack: createColumnUnpacker(column.type) },
      ]),
    );
    const batchOf = ({ high, records, sealed: contents }: SegmentRow): Batch => {
      const known = new Map<number, ColumnValues>();
      const valuesOf = (column: Column): ColumnValues => {
        const unpacker = unpackers.get(column.index);
        const bytes = unpacker && source.read(table, high, unpacker.position, contents);
        if (unpacker === undefined || bytes === undefined) {
          throw new Error(`A segment has no column "${column.name}".`);
        }
        const values = unpacker.unpack(bytes);
        known.set(column.index, values);
        return values;
      };
      return { count: records, values: (column) => known.get(column.index) ?? valuesOf(column) };
    };
    for (const segment of segmentsOf(table, period)) {
      const changed = changes.all(segment.low, segment.high).map(({ place }) => Number(place));
      scan.add(batchOf(segment), leftOutOf(table, segment, changed));
    }
    for (const batch of rowBatches(database, query, sealed, period)) scan.add(batch);
    return scan.result();
  };

  return {
    read(query) {
      // One transaction: what is sealed meanwhile must be seen neither twice nor not at all.
      database.exec('BEGIN');
      try {
        if (isSlower(query) || !areInPlace(query)) return undefined;
        const sealed = sealedOf(query);
        return sealed === undefined ? undefined : scanAll(query, sealed);
      } finally {
        rollBack(database);
      }
    },
  };
};
