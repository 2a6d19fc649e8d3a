import fc from 'fast-check';
import type { Aggregate, AggregateQuery, GroupKey, RecordFilter, RecordQuery } from '../record-store.js';
import { randomNames } from './random-changes.js';

const SCALE = { column: 'score', scale: 'logarithmic' } as const;
const ENTRY = { column: 'data', each: 'entry' } as const;
const RANGE = { column: 'at', bounds: [-17, -3, 0, 1, 9, 24, 48] } as const;

const groups = fc.oneof(
  fc.subarray<GroupKey>(['name', 'flag', 'at', SCALE, ENTRY]),
  fc.subarray<GroupKey>([ENTRY, 'flag', RANGE, 'name', 'score']),
);

const FIGURES: Readonly<Record<string, Aggregate>> = {
  n: { function: 'count' },
  scored: { function: 'count', column: 'score' },
  sum: { function: 'sum', column: 'score' },
  total: { function: 'total', column: 'score' },
  mean: { function: 'average', column: 'score' },
  highest: { function: 'maximum', column: 'score' },
  flagged: { function: 'count', column: 'flag' },
  named: { function: 'count', column: 'name' },
  some: { function: 'count', column: 'data' },
  least: { function: 'minimum', column: 'at' },
  when: { function: 'total', column: 'at' },
  first: { function: 'minimum', column: 'name' },
  middle: { function: 'percentile', column: 'score', scale: 'logarithmic', percent: 50 },
  late: { function: 'percentile', column: 'score', scale: 'logarithmic', percent: 99.9 },
  early: { function: 'percentile', column: 'at', scale: 'logarithmic', percent: 12.5 },
  nFlagged: { function: 'count', where: { flag: true } },
  sumNamed: { function: 'sum', column: 'score', where: { name: { in: ['x', null] } } },
  meanFlagged: { function: 'average', column: 'score', where: { flag: true } },
  highestLater: { function: 'maximum', column: 'score', where: { at: { from: 5 } } },
  folded: { function: 'count', column: 'score', where: { data: { includes: 'fold' } } },
};
const numbers = Object.keys(FIGURES).filter((name) => name !== 'first');
// Seldom text among them, which a driver may compute in another way.
const figures = fc.oneof(
  { weight: 9, arbitrary: fc.subarray(numbers, { minLength: 1 }) },
  { weight: 1, arbitrary: fc.subarray(Object.keys(FIGURES), { minLength: 1 }) },
);

const bound = fc.integer({ min: -40, max: 70 });
const filter: fc.Arbitrary<RecordFilter> = fc.record(
  {
    at: fc.oneof(
      fc.record({ from: bound, before: bound }, { requiredKeys: [] }),
      fc.constantFrom(null, 5),
      fc.record({ in: fc.array(fc.constantFrom(1, 2, 3, null), { maxLength: 3 }) }),
    ),
    name: fc.oneof(
      randomNames,
      fc.record({ in: fc.array(randomNames, { maxLength: 3 }) }),
      fc.record({ from: fc.constantFrom('', '>', 'x'), before: fc.constantFrom('=', 'y') }),
    ),
    score: fc.oneof(fc.constantFrom(7, null), fc.record({ from: bound })),
    flag: fc.constantFrom(true, false, null),
    data: fc.record({ includes: fc.constantFrom('fold', 'trim', 'x') }),
  },
  { requiredKeys: [] },
);

/** Questions about samples, of every kind that there is. */
export const randomQuery: fc.Arbitrary<AggregateQuery> = fc
  .record({ groupBy: groups, names: figures, where: fc.oneof(fc.constant({}), filter) })
  .map(({ groupBy, names, where }) => ({
    groupBy,
    where,
    figures: {
      ...Object.fromEntries(names.map((name) => [name, FIGURES[name] ?? { function: 'count' as const }])),
      ...(groupBy.includes(ENTRY) ? { saved: { function: 'sum' as const, column: 'data' } } : {}),
    },
  }));

/** Searches for samples, of every kind that there is. */
export const randomSearch: fc.Arbitrary<RecordQuery> = fc.record(
  {
    where: filter,
    orderBy: fc.constantFrom('at', 'score', 'name', 'id'),
    order: fc.constantFrom('ascending', 'descending', 'newest', 'oldest'),
    limit: fc.integer({ min: 1, max: 12 }),
  },
  { requiredKeys: [] },
);
