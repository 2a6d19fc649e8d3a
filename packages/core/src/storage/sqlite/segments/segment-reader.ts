import type { DatabaseSync } from 'node:sqlite';
import { periodOf } from '../../period.js';
import { quote } from '../../statement.js';
import type { StoredRow } from '../../stored-value.js';
import { rollBack } from '../roll-back.js';
import { createColumnSource } from './column-source.js';
import type { FigureTable } from './figure-table.js';
import { rowBatches } from './row-batches.js';
import { rowsOf } from './row-statement.js';
import { createScan } from './scan.js';
import { scannedPeriod } from './scanned-conditions.js';
import { createSealedBatches } from './sealed-batches.js';
import type { SegmentFind } from './segment-find.js';
import type { SegmentQuery } from './segment-query.js';
import { changeTable } from './segment-tables.js';
import { createPlaceSelection } from './select-places.js';

/** Answers queries from segments. */
export interface SegmentReader {
  /** What the statement of the plan would give; undefined where that should be asked instead. */
  read(query: SegmentQuery): FigureTable | undefined;
  /** The same for records. */
  find(query: SegmentFind): readonly StoredRow[] | undefined;
}

/** Records that are found are fetched one by one up to this share of a segment's size. */
const FEW_FOUND = 1 / 4;

export const createSegmentReader = (database: DatabaseSync): SegmentReader => {
  const batches = createSealedBatches(database, createColumnSource(database));

  // One transaction: what is sealed meanwhile must be seen neither twice nor not at all.
  const together = <Result>(run: () => Result): Result => {
    database.exec('BEGIN');
    try {
      return run();
    } finally {
      rollBack(database);
    }
  };

  const isSlower = (query: SegmentQuery): boolean => {
    const { rival, plan, time } = query;
    if (rival === undefined) return false;
    const { count, extra, share, least, most } = rival;
    const scanned = share === 0 ? 0 : batches.count(query, scannedPeriod(plan, time));
    const found = Number(database.prepare(count.text).get(...count.values)?.['found']);
    return found + extra <= Math.min(most, Math.max(least, share * scanned));
  };

  const scanAll = (query: SegmentQuery, sealed: number): FigureTable => {
    const period = scannedPeriod(query.plan, query.time);
    const scan = createScan(query.plan);
    for (const batch of batches.read(query, period)) scan.add(batch, batch.leftOut);
    for (const batch of rowBatches(database, query, sealed, period)) scan.add(batch);
    return scan.result();
  };

  /** Rowids of the records in segments that fulfil the conditions, and of all that are in none; undefined for many. */
  const findAll = (query: SegmentFind, sealed: number): readonly number[] | undefined => {
    const { table, conditions, time } = query;
    // Fetching takes as many steps as there are; going through all in order meets one every so many.
    const most = Math.max(FEW_FOUND * query.size, Math.sqrt(query.limit * sealed));
    const select = createPlaceSelection(conditions);
    const found: number[] = [];
    for (const batch of batches.read(query, periodOf(conditions, time))) {
      const { places, length } = select(batch, batch.leftOut);
      if (length === 0) continue;
      if (found.length + length > most) return undefined;
      const rowid = batch.rowids();
      for (let index = 0; index < length; index += 1) found.push(rowid(places[index] ?? 0));
    }
    const others = database.prepare(
      `SELECT _rowid_ AS place FROM ${quote(table.name)} WHERE _rowid_ > ? UNION ALL SELECT place FROM ${changeTable(table)} WHERE place <= ?`,
    );
    for (const { place } of others.all(sealed, sealed)) found.push(Number(place));
    return found;
  };

  return {
    read: (query) =>
      together(() => {
        const sealed = isSlower(query) ? undefined : batches.extent(query);
        return sealed === undefined ? undefined : scanAll(query, sealed);
      }),
    find: (query) =>
      together(() => {
        const sealed = batches.extent(query);
        if (sealed === undefined) return undefined;
        const found = findAll(query, sealed);
        const { text, values } = found === undefined ? query.among : query.chosen;
        const given = found === undefined ? values : [JSON.stringify(found), ...values];
        return [...rowsOf(database.prepare(text), given)];
      }),
  };
};
