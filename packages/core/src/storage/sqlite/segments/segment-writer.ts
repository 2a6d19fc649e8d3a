import type { DatabaseSync } from 'node:sqlite';
import type { CollectionShape } from '../../collection-shape.js';
import type { Segments } from '../../segments.js';
import { quote } from '../../statement.js';
import { createSegmentSealer, type SegmentRange } from './seal-segment.js';
import { changeTable, clearTexts, movedText, segmentTable } from './segment-tables.js';

/** Keeps the segments of a collection right while its records are written, in the transactions of those. */
export interface SegmentWriter {
  /** A record came, or one changed or went; call it after that was written. */
  touch(rowid: number): void;
  /** Marks what changed, and seals what has come together; call it before the transaction is committed. */
  finish(): void;
  /** The transaction was rolled back. */
  discard(): void;
}

/** What there is when a transaction begins. */
interface Extent {
  /** The greatest rowid that a segment covers. */
  readonly sealed: number;
  /** The greatest rowid of all. */
  readonly newest: number;
}

interface SegmentRow extends SegmentRange {
  readonly first: number;
  readonly last: number;
}

/** Segments that one transaction writes: a bound on how long it takes. */
const MAX_SEALED = 2;
/** A segment is written anew when more than one in so many records have changed. */
const CHANGED_SHARE = 64;
const LEAST_CHANGED = 2;

export const createSegmentWriter = (
  database: DatabaseSync,
  shape: CollectionShape,
  segments: Segments,
): SegmentWriter => {
  const { size } = segments;
  const table = quote(shape.name);
  const key = quote(shape.primaryKey.name);
  const sealer = createSegmentSealer(database, shape, segments);
  const schemaVersion = database.prepare('PRAGMA schema_version');
  const countMoved = database.prepare(movedText(shape));
  const extentNow = database.prepare(
    `SELECT (SELECT COALESCE(MAX(high), 0) FROM ${segmentTable(shape)}) AS sealed, (SELECT COALESCE(MAX(_rowid_), 0) FROM ${table}) AS newest`,
  );
  const nextRecord = database.prepare(`SELECT MIN(_rowid_) AS place FROM ${table} WHERE _rowid_ > ?`);
  const mark = database.prepare(`INSERT OR IGNORE INTO ${changeTable(shape)} (place) VALUES (?)`);
  const countMarks = database.prepare(
    `SELECT COUNT(*) AS marks FROM ${changeTable(shape)} WHERE place BETWEEN ? AND ?`,
  );
  const segmentOf = database.prepare(
    `SELECT low, high, first, last FROM ${segmentTable(shape)} WHERE high >= ? ORDER BY high LIMIT 1`,
  );
  const recordAt = database.prepare(`SELECT 1 FROM ${table} WHERE _rowid_ = ?`);
  const endOf = (end: 'MIN' | 'MAX'): string =>
    `(SELECT r._rowid_, r.${key} FROM ${table} AS r WHERE r._rowid_ = (SELECT ${end}(i._rowid_) FROM ${table} AS i WHERE i._rowid_ BETWEEN s.low AND s.high))`;
  const renewEnds = database.prepare(
    `UPDATE ${segmentTable(shape)} AS s SET (first, first_key) = ${endOf('MIN')}, (last, last_key) = ${endOf('MAX')} WHERE high = ?`,
  );
  const touched = new Set<number>();
  /** Segments that have changed much, by `high`, and had to wait. */
  const overdue = new Map<number, SegmentRange>();
  let checkedSchema: number | undefined;
  let extent: Extent | undefined;
  let newest = 0;

  // VACUUM may number records anew, and so may whoever copies tables by other means. Each of them changes the version
  // of the schema, or opens the file.
  const check = (): void => {
    const version = Number(schemaVersion.get()?.['schema_version']);
    if (version === checkedSchema) return;
    if (Number(countMoved.get()?.['moved']) > 0) for (const text of clearTexts(shape)) database.exec(text);
    checkedSchema = version;
  };

  const begin = (): Extent => {
    check();
    return extentNow.get() as unknown as Extent;
  };

  const nextAfter = (rowid: number): number =>
    Number(nextRecord.get(rowid)?.['place'] ?? Number.POSITIVE_INFINITY);

  const hasChangedMuch = ({ low, high }: SegmentRange): boolean => {
    const marks = Number(countMarks.get(low, high)?.['marks']);
    return marks > Math.max(LEAST_CHANGED, (high - low + 1) / CHANGED_SHARE);
  };

  /** Remembers the segments that hold records which changed. */
  const markTouched = (sealed: number): void => {
    for (const place of touched) {
      if (place > sealed) continue;
      mark.run(place);
      const segment = segmentOf.get(place) as unknown as SegmentRow | undefined;
      if (segment === undefined || segment.low > place) continue;
      const { low, high, first, last } = segment;
      overdue.set(high, { low, high });
      const isEnd = place === first || place === last;
      if (!isEnd || recordAt.get(place) !== undefined) continue;
      if (nextAfter(low - 1) <= high) renewEnds.run(high);
      else sealer.seal(segment);
    }
  };

  /** Writes changed segments anew. */
  const sealChanged = (most: number): void => {
    let count = 0;
    for (const [high, range] of overdue) {
      if (count === most) return;
      overdue.delete(high);
      // Another process may have been here meanwhile.
      const now = segmentOf.get(high) as unknown as SegmentRow | undefined;
      if (now?.high !== high || now.low !== range.low || !hasChangedMuch(range)) continue;
      sealer.seal(range);
      count += 1;
    }
  };

  /** Seals new segments; returns how many. */
  const sealNew = (sealed: number, most: number): number => {
    let end = sealed;
    for (let count = 0; count < most; count += 1) {
      const low = nextAfter(end);
      // The newest records are those that are changed most often, and are left out for a while.
      if (low + size + size / 2 > newest) return count;
      end = low + size - 1;
      sealer.seal({ low, high: end });
    }
    return most;
  };

  return {
    touch(rowid) {
      if (extent === undefined) {
        extent = begin();
        newest = extent.newest;
      }
      newest = Math.max(newest, rowid);
      touched.add(rowid);
    },
    finish() {
      if (extent === undefined) return;
      const { sealed } = extent;
      markTouched(sealed);
      // New ones come first: what is in none yet would grow without bound.
      const added = sealNew(sealed, overdue.size === 0 ? MAX_SEALED : 1);
      sealChanged(MAX_SEALED - added);
      touched.clear();
      extent = undefined;
    },
    discard() {
      touched.clear();
      overdue.clear();
      extent = undefined;
      // What was done since the check may be undone, and the check with it.
      checkedSchema = undefined;
    },
  };
};
