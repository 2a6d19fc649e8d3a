import type { CollectionShape } from '../../collection-shape.js';
import type { Condition, FindPlan } from '../../query-plan.js';
import { findSql } from '../../sql.js';
import { columnSql, type Sql } from '../../statement.js';
import { sqliteDialect } from '../sqlite-dialect.js';
import { type ScannedTable, scannedTableOf } from './segment-query.js';

/** Records to look for with the help of segments, as the thread that does so is asked for them. */
export interface SegmentFind extends ScannedTable {
  readonly conditions: readonly Condition[];
  readonly limit: number;
  /** Finds them among chosen records, whose rowids are its first value, as JSON. */
  readonly chosen: Sql;
  /** Finds them among all, where there are so many that they are soon met on the way. */
  readonly among: Sql;
}

/**
 * Undefined where an index leads to the records: SQLite would rather sort all that fulfil a condition than go through
 * them in order, and looks into every list of texts.
 */
export const segmentFindOf = (shape: CollectionShape, plan: FindPlan): SegmentFind | undefined => {
  const { conditions, orderBy } = plan;
  const scanned = scannedTableOf(
    shape,
    conditions.map(({ column }) => column),
  );
  if (scanned === undefined) return undefined;
  const isAside = conditions.some(({ column }) => column !== scanned.time && column !== orderBy);
  const isList = conditions.some(({ kind }) => kind === 'includes');
  if (!isList && (orderBy === undefined || !isAside)) return undefined;
  const table = sqliteDialect.table(shape);
  const chosen = findSql(sqliteDialect, shape, plan, {
    from: `json_each(?) AS c CROSS JOIN ${table} AS r ON r._rowid_ = c.value`,
  });
  // With a plus before it, SQLite takes no index for a column, and goes by the order that is asked for.
  const among = findSql(sqliteDialect, shape, plan, {
    nameOf: (column) =>
      orderBy === undefined || column === orderBy ? columnSql(column) : `+${columnSql(column)}`,
  });
  return { ...scanned, conditions, limit: plan.limit, chosen, among };
};
