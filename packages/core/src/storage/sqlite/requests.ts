import { aggregateSql, decodeAggregate } from '../aggregate-sql.js';
import type { CollectionShape } from '../collection-shape.js';
import type { AggregatePlan, FindPlan } from '../query-plan.js';
import type { AggregateRow } from '../record-store.js';
import { findSql } from '../sql.js';
import type { ReadRequest, ReadResult } from './read-request.js';
import { rolledUpSql } from './roll-up-query.js';
import { decodeTable } from './segments/figure-table.js';
import { segmentFindOf } from './segments/segment-find.js';
import { segmentQueryOf } from './segments/segment-query.js';
import { sqliteDialect } from './sqlite-dialect.js';

/**
 * How an aggregate is read: from totals that are kept, else from segments, else from the records. Where a great many
 * totals would have to be read, as by days and models of a whole year, segments are faster too.
 */
export const aggregateRequest = (shape: CollectionShape, plan: AggregatePlan): ReadRequest => {
  const rolledUp = rolledUpSql(shape, plan);
  const sql = rolledUp?.sql ?? aggregateSql(sqliteDialect, shape, plan);
  return { ...sql, segments: segmentQueryOf(shape, plan, rolledUp?.countReads) };
};

/** How records are looked for: with the help of segments where no index leads to them, else by a statement alone. */
export const findRequest = (shape: CollectionShape, plan: FindPlan): ReadRequest => ({
  ...findSql(sqliteDialect, shape, plan),
  find: segmentFindOf(shape, plan),
});

/** The groups that were read, with their figures. */
export const decodeResult = (plan: AggregatePlan, result: ReadResult): readonly AggregateRow[] =>
  'table' in result ? decodeTable(plan, result.table) : decodeAggregate(plan, result.rows);
