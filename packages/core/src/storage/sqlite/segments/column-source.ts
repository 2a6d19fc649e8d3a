import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { columnPlace, columnTable, type SegmentedTable } from './segment-tables.js';

/** Reads the bytes of columns of segments, and keeps those that were read last. */
export interface ColumnSource {
  /** @param sealed - the number by which the contents of the segment are known */
  read(table: SegmentedTable, high: number, position: number, sealed: number): Uint8Array | undefined;
}

interface Kept {
  readonly bytes: Uint8Array;
  readonly sealed: number;
}

/** About what a million calls take. A thread that asks for little keeps little. */
const MAX_BYTES = 2 * 64 * 2 ** 20;

export const createColumnSource = (database: DatabaseSync): ColumnSource => {
  const statements = new Map<string, StatementSync>();
  const kept = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    // Once for the bytes, and once for the texts that may be read from them.
    sizeCalculation: ({ bytes }) => 2 * bytes.byteLength,
  });

  const statementOf = (table: SegmentedTable): StatementSync => {
    const known =
      statements.get(table.name) ??
      database.prepare(`SELECT data FROM ${columnTable(table)} WHERE place = ?`);
    statements.set(table.name, known);
    return known;
  };

  return {
    read(table, high, position, sealed) {
      const place = columnPlace(high, position);
      const key = `${table.name} ${place}`;
      const known = kept.get(key);
      if (known?.sealed === sealed) return known.bytes;
      const data = statementOf(table).get(place)?.['data'] as Uint8Array | undefined;
      if (data === undefined) return undefined;
      // Numbers are read where they lie, which must be a multiple of their length.
      const bytes = data.byteOffset % 8 === 0 ? data : data.slice();
      kept.set(key, { bytes, sealed });
      return bytes;
    },
  };
};
