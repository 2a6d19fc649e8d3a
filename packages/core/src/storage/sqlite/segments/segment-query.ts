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

/** An aggregate that segments can answer, as it is handed to the thread that computes it. */
export interface SegmentQuery {
  readonly table: SegmentedTable;
  readonly plan: AggregatePlan;
  readonly time: Column;
  readonly rival: Rival | undefined;
  /** The columns of the query, and their numbers in a segment. */
  readonly columns: readonly (readonly [column: Column, position: number])[];
  /** How many records a segment holds. */
  readonly size: number;
}

const neededColumns = ({ conditions, groupBy, figures }: AggregatePlan): readonly Column[] => [
  ...new Set([
    ...conditions.map(({ column }) => column),
    ...groupBy.map(({ column }) => column),
    ...figures.flatMap(({ column }) => column ?? []),
  ]),
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
  const { segments, name, primaryKey } = shape;
  if (segments === undefined) return undefined;
  const columns = neededColumns(plan).map((column) => [column, segments.columns.indexOf(column)] as const);
  if (columns.some(([, position]) => position < 0)) return undefined;
  const comparesText = plan.figures.some(
    ({ function: figure, column }) => column?.type === 'text' && figure !== 'count',
  );
  if (comparesText) return undefined;
  const { time, size } = segments;
  const most = MANY_TOTALS * size;
  const rival =
    countReads === undefined ? fewRecords(shape, plan, segments) : { count: countReads(most + 1), most };
  return {
    table: { name, primaryKey },
    plan,
    time,
    rival,
    columns,
    size,
  };
};
