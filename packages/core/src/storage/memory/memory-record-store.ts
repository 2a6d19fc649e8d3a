import { type CollectionShape, shapeOf } from '../collection-shape.js';
import { decodePage } from '../found-page.js';
import { matchesAll } from '../match-row.js';
import { planAggregate, planFind } from '../query-plan.js';
import type { RecordCollection, RecordStore } from '../record-store.js';
import { badStorageRequest, newerVersionError, storeClosedError } from '../storage-error.js';
import { decodeRow, encodeChanges, encodeRow, encodeValue } from '../stored-value.js';
import { startAggregation } from './aggregate-rows.js';
import { foundAndSorted, foundInOrder } from './find-rows.js';
import { createSortedRows, type SortedRows } from './sorted-rows.js';
import { walkRows } from './walk-rows.js';

/** Options of {@link createMemoryRecordStore}. */
export interface MemoryRecordStoreOptions {
  /**
   * How many records a collection keeps; the oldest are dropped.
   *
   * @defaultValue 100000
   */
  readonly maxRecords?: number | undefined;
}

interface Kept {
  version: number;
  readonly rows: SortedRows;
}

const openCollection = <Row extends object>(
  shape: CollectionShape,
  rows: SortedRows,
  assertOpen: (name: string) => void,
): RecordCollection<Row> => ({
  put(row) {
    assertOpen(shape.name);
    rows.put(encodeRow(shape, row));
  },
  update(id, values) {
    assertOpen(shape.name);
    const changes = encodeChanges(shape, values);
    const row = rows.get(String(encodeValue(shape.primaryKey, id)));
    if (row !== undefined)
      rows.put(
        shape.columns.map((column) =>
          changes.has(column) ? (changes.get(column) ?? null) : (row[column.index] ?? null),
        ),
      );
  },
  remove(id) {
    assertOpen(shape.name);
    rows.remove(String(encodeValue(shape.primaryKey, id)));
  },
  async get(id, options) {
    assertOpen(shape.name);
    options?.signal?.throwIfAborted();
    const stored = rows.get(String(encodeValue(shape.primaryKey, id)));
    return stored === undefined ? undefined : decodeRow<Row>(shape, stored);
  },
  async find(query) {
    assertOpen(shape.name);
    query?.signal?.throwIfAborted();
    const plan = planFind(shape, query);
    const found =
      plan.orderBy === undefined
        ? await foundInOrder(rows, plan, query?.signal)
        : await foundAndSorted(rows, shape, plan, plan.orderBy, query?.signal);
    return decodePage<Row>(shape, plan, found);
  },
  async aggregate(query) {
    assertOpen(shape.name);
    query.signal?.throwIfAborted();
    const plan = planAggregate(shape, query);
    const aggregation = startAggregation(plan);
    await walkRows(rows, { order: 'ascending', after: undefined, signal: query.signal }, (row) => {
      if (matchesAll(plan.conditions, row)) aggregation.add(row);
      return true;
    });
    return aggregation.result();
  },
  async flush() {
    assertOpen(shape.name);
  },
});

/** Keeps records in the memory of this process, on any JavaScript runtime. They are gone when it ends. */
export const createMemoryRecordStore = (options: MemoryRecordStoreOptions = {}): RecordStore => {
  const { maxRecords = 100_000 } = options;
  if (!Number.isInteger(maxRecords) || maxRecords < 1) {
    throw badStorageRequest('"maxRecords" must be a whole number of at least 1.');
  }
  const kept = new Map<string, Kept>();
  let closed = false;

  const assertOpen = (name: string): void => {
    if (closed) throw storeClosedError(name);
  };

  const close = async (): Promise<void> => {
    closed = true;
    kept.clear();
  };

  return {
    collection<Row extends object>(definition: Parameters<RecordStore['collection']>[0]) {
      assertOpen(definition.name);
      const shape = shapeOf(definition);
      const known = kept.get(shape.name) ?? {
        version: shape.version,
        rows: createSortedRows(shape.primaryKey.index, maxRecords),
      };
      if (known.version > shape.version) throw newerVersionError(shape.name, known.version, shape.version);
      known.version = shape.version;
      kept.set(shape.name, known);
      return openCollection<Row>(shape, known.rows, assertOpen);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
