import { aggregateSql } from '../aggregate-sql.js';
import type { CollectionShape } from '../collection-shape.js';
import type { AggregatePlan } from '../query-plan.js';
import type { ReadRequest } from './read-request.js';
import { rolledUpSql } from './roll-up-query.js';
import { segmentQueryOf } from './segments/segment-query.js';
import { sqliteDialect } from './sqlite-dialect.js';

/** How an aggregate is read: from totals that are kept, else from segments, else from the records. */
export const aggregateRequest = (shape: CollectionShape, plan: AggregatePlan): ReadRequest =>
  rolledUpSql(shape, plan) ?? {
    ...aggregateSql(sqliteDialect, shape, plan),
    segments: segmentQueryOf(shape, plan),
  };
