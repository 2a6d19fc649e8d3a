import type { CollectionShape } from '../../collection-shape.js';
import type { Column } from '../../column.js';
import type { AggregatePlan } from '../../query-plan.js';
import type { Segments } from '../../segments.js';
import { columnSql, quote, type Sql } from '../../statement.js';
import { scannedPeriod } from './scanned-conditions.js';
import type { SegmentedTable } from './segment-tables.js';

/** When the statement of the plan is asked instead: where it reads little. */
interface Rival {
  /** Counts what it would read, as `found`. */
  readonly count: Sql;
  /** It is asked up to here. */
  readonly most: number;
}

/** What a query needs to know of the segments of a table. */
export interface ScannedTable {
  readonly table: SegmentedTable;
  readonly time: Column;
  /** The columns of the query, and their numbers in a segment. */
  readonly columns: readonly (readonly [column: Column, position: number])[];
  /** How many records a segment holds. */
  readonly size: number;
}

/** An aggregate that segments can answer, as it is handed to the thread that computes it. */
export interface SegmentQuery extends ScannedTable {
  readonly plan: AggregatePlan;
  readonly rival: Rival | undefined;
}

/** Undefined where segments do not have the columns. */
export const scannedTableOf = (
  { segments, name, primaryKey }: CollectionShape,
  needed: readonly Column[],
): ScannedTable | undefined => {
  if (segments === undefined) return undefined;
  const columns = [...new Set(needed)].map((column) => [column, segments.columns.indexOf(column)] as const);
  if (columns.some(([, position]) => position < 0)) return undefined;
  return { table: { name, primaryKey }, time: segments.time, columns, size: segments.size };
};

const neededColumns = ({ conditions, groupBy, figures }: AggregatePlan): readonly Column[] => [
  ...conditions.map(({ column }) => column),
  ...groupBy.map(({ column }) => column),
  ...figures.flatMap(({ column }) => column ?? []),
];

/** So many totals for each record of a segment are read as fast as all segments of a million records. */
const MANY_TOTALS = 24;

/** The records of a period are counted where an index finds them. */
const fewRecords = (
  shape: CollectionShape,
  plan: AggregatePlan,
  { time, size }: Segments,
): Rival | undefined => {
  const { from, before } = scannedPeriod(plan, time);
  const hasIndex = shape.definition.migrations.some(({ addIndexes = [] }) =>
    addIndexes.some(([first]) => first === time.name),
  );
  if (!hasIndex || (from === undefined && before === undefined)) return undefined;
  const name = columnSql(time);
  const text = `SELECT COUNT(*) AS found FROM (SELECT 1 FROM ${quote(shape.name)} AS r WHERE ${name} >= ? AND ${name} < ? LIMIT ${size + 1})`;
  const values = [from ?? Number.MIN_SAFE_INTEGER, before ?? Number.MAX_SAFE_INTEGER];
  return { count: { text, values }, most: size };
};

/**
 * Undefined where the segments of a collection do not have what a query needs.
 *
 * @param countReads - counts what a statement reads that does better than to read the records, up to a limit
 */
export const segmentQueryOf = (
  shape: CollectionShape,
  plan: AggregatePlan,
  countReads?: (limit: number) => Sql,
): SegmentQuery | undefined => {
  const { segments } = shape;
  const scanned = scannedTableOf(shape, neededColumns(plan));
  if (segments === undefined || scanned === undefined) return undefined;
  const comparesText = plan.figures.some(
    ({ function: figure, column }) => column?.type === 'text' && figure !== 'count',
  );
  if (comparesText) return undefined;
  const most = MANY_TOTALS * segments.size;
  const rival =
    countReads === undefined ? fewRecords(shape, plan, segments) : { count: countReads(most + 1), most };
  return { ...scanned, plan, rival };
};
