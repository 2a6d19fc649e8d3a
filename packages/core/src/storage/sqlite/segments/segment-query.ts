import type { CollectionShape } from '../../collection-shape.js';
import type { Column } from '../../column.js';
import type { AggregatePlan, Condition } from '../../query-plan.js';
import type { Segments } from '../../segments.js';
import { conditionSql, quote, type Sql, whereSql } from '../../statement.js';
import { sqliteDialect } from '../sqlite-dialect.js';
import { scannedConditions } from './scanned-conditions.js';
import type { SegmentedTable } from './segment-tables.js';

/** When the statement of the plan is asked instead: where it reads little. */
interface Rival {
  /** Counts what it would read, as `found`, up to some limit above `most`. */
  readonly count: Sql;
  /** What it takes besides, as if so much more were read. */
  readonly extra: number;
  /** It is asked where that is no more than this share of the records that would be scanned, within two bounds. */
  readonly share: number;
  readonly least: number;
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
  ...figures.flatMap((figure) => figure.conditions.map(({ column }) => column)),
];

/** A total is read in the time in which so many records are scanned. */
const RECORDS_PER_TOTAL = 16;
/** A range of time is asked for, and its groups are handed over as rows, in the time in which so many totals are read. */
const TOTALS_PER_RANGE = 8;
/** So many totals are counted, for each record of a segment. */
const MANY_TOTALS = 24;

/** What an index finds records by: the values of its first columns, and then a stretch of the next. */
const searched = (index: readonly string[], conditions: readonly Condition[]): readonly Condition[] => {
  const found: Condition[] = [];
  for (const name of index) {
    const own = conditions.filter(({ column }) => column.name === name);
    const equal = own.find(({ kind }) => kind === 'equals');
    if (equal === undefined)
      return [...found, ...own.filter(({ kind }) => kind === 'from' || kind === 'before')];
    found.push(equal);
  }
  return found;
};

/** Records are counted where an index finds them; the least of those counts is what has to be read. */
const fewRecords = (shape: CollectionShape, plan: AggregatePlan, { size }: Segments): Rival | undefined => {
  const conditions = scannedConditions(plan);
  const counts = shape.definition.migrations
    .flatMap(({ addIndexes = [] }) => addIndexes)
    .map((index) => searched(index, conditions))
    .filter(({ length }) => length > 0)
    .map((some) => {
      const filter = whereSql(some.map((condition) => conditionSql(sqliteDialect, condition)));
      const from = `${quote(shape.name)} AS r${filter.text}`;
      return {
        text: `(SELECT COUNT(*) FROM (SELECT 1 FROM ${from} LIMIT ${size + 1}))`,
        values: filter.values,
      };
    });
  if (counts.length === 0) return undefined;
  // Of a single value, MIN would be that of all rows.
  const least = `MIN(${[...counts.map(({ text }) => text), String(size + 1)].join(', ')})`;
  const count = { text: `SELECT ${least} AS found`, values: counts.flatMap(({ values }) => values) };
  return { count, extra: 0, share: 0, least: size, most: size };
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
  const { size } = segments;
  const most = MANY_TOTALS * size;
  if (countReads === undefined) return { ...scanned, plan, rival: fewRecords(shape, plan, segments) };
  const range = plan.groupBy.find((key) => key.kind === 'range');
  const extra = TOTALS_PER_RANGE * (range?.bounds.length ?? 0);
  const rival = { count: countReads(most + 1), extra, share: 1 / RECORDS_PER_TOTAL, least: size, most };
  return { ...scanned, plan, rival };
};
