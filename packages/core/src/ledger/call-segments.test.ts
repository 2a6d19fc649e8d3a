import { expect, test } from 'vitest';
import { shapeOf } from '../storage/collection-shape.js';
import { planAggregate } from '../storage/query-plan.js';
import type { AggregateQuery } from '../storage/record-store.js';
import { segmentQueryOf } from '../storage/sqlite/segments/segment-query.js';
import { CALL_COLLECTION } from './call-collection.js';
import { type LedgerDimension, type LedgerFilter, toWhere } from './ledger-filter.js';
import { SUMMARY_FIGURES } from './summarize-calls.js';

const DIMENSIONS = {
  provider: true,
  model: true,
  servedModel: true,
  status: true,
  category: true,
  project: true,
  user: true,
  operation: true,
  errorCode: true,
  experiment: true,
  experimentArm: true,
  routeMode: true,
} satisfies Record<LedgerDimension, true>;

// All but `groupId`, which finds a few records by an index.
const FILTERS = {
  from: 1,
  before: 2,
  provider: 'a',
  model: 'a',
  status: 'success',
  category: 'a',
  project: 'a',
  user: 'a',
  experiment: 'a',
  tag: 'a',
} satisfies Required<Omit<LedgerFilter, 'groupId'>>;

test('segments have every column that statistics can ask for', () => {
  const shape = shapeOf(CALL_COLLECTION);
  const where = toWhere(FILTERS);
  const summary = { where, groupBy: Object.keys(DIMENSIONS), figures: SUMMARY_FIGURES };
  const percentile = { function: 'percentile', scale: 'logarithmic', percent: 50 } as const;
  const queries: readonly AggregateQuery[] = [
    summary,
    { where, figures: { p50: { ...percentile, column: 'latencyMs' } } },
    { where, figures: { p50: { ...percentile, column: 'timeToFirstTokenMs' } } },
    { where, groupBy: [{ column: 'compression', each: 'entry' }], figures: { n: { function: 'count' } } },
  ];
  for (const query of queries) expect(segmentQueryOf(shape, planAggregate(shape, query))).toBeDefined();
});
