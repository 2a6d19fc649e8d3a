import type { CollectionShape } from '../../collection-shape.js';
import type { Column } from '../../column.js';
import type { AggregatePlan } from '../../query-plan.js';
import type { SegmentedTable } from './segment-tables.js';

/** An aggregate that segments can answer, as it is handed to the thread that computes it. */
export interface SegmentQuery {
  readonly table: SegmentedTable;
  readonly plan: AggregatePlan;
  readonly time: Column;
  /** Whether records of a period can be found without reading the others. */
  readonly hasTimeIndex: boolean;
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

/** Undefined where the segments of a collection do not have what a query needs. */
export const segmentQueryOf = (shape: CollectionShape, plan: AggregatePlan): SegmentQuery | undefined => {
  const { segments, name, primaryKey } = shape;
  if (segments === undefined) return undefined;
  const columns = neededColumns(plan).map((column) => [column, segments.columns.indexOf(column)] as const);
  if (columns.some(([, position]) => position < 0)) return undefined;
  const comparesText = plan.figures.some(
    ({ function: name, column }) => column?.type === 'text' && name !== 'count',
  );
  if (comparesText) return undefined;
  const hasTimeIndex = shape.definition.migrations.some(({ addIndexes = [] }) =>
    addIndexes.some(([first]) => first === segments.time.name),
  );
  const { time, size } = segments;
  return { table: { name, primaryKey }, plan, time, hasTimeIndex, columns, size };
};
