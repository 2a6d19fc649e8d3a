import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AggregateQuery, CollectionDefinition, GroupKey, RollUpDefinition } from '../record-store.js';
import { applyChanges, randomChanges, randomNames } from './random-changes.js';
import { SAMPLES, type Sample, type WithStore } from './sample.js';

const SCALE = { column: 'score', scale: 'logarithmic' } as const;
const ENTRY = { column: 'data', each: 'entry' } as const;

const ROLL_UPS: readonly RollUpDefinition[] = [
  { name: 'whole', time: 'at', spans: [2, 8, 24], by: [], totals: ['score'], counts: ['score'] },
  {
    name: 'names',
    time: 'at',
    spans: [4, 8],
    by: ['name'],
    totals: ['score', 'at'],
    counts: ['flag', 'score'],
  },
  { name: 'scores', time: 'at', spans: [6], by: ['name', SCALE] },
  { name: 'entries', time: 'at', spans: [3, 12], by: [ENTRY, 'name'], totals: ['data'], counts: ['data'] },
];

const withRollUps = (name: string): CollectionDefinition => ({
  ...SAMPLES,
  name,
  migrations: [...SAMPLES.migrations, { addRollUps: ROLL_UPS }],
});

const RANGE = { column: 'at', bounds: [-17, -3, 0, 1, 9, 24, 48] } as const;
const groups = fc.constantFrom<(readonly GroupKey[])[]>(
  [],
  ['name'],
  ['name', SCALE],
  [SCALE],
  [ENTRY],
  ['name', ENTRY],
  [RANGE],
  [RANGE, 'name'],
  ['name', RANGE, SCALE],
  [ENTRY, RANGE],
  ['flag', RANGE],
);
const FIGURES = {
  n: { function: 'count' },
  scored: { function: 'count', column: 'score' },
  sum: { function: 'sum', column: 'score' },
  total: { function: 'total', column: 'score' },
  mean: { function: 'average', column: 'score' },
  flagged: { function: 'count', column: 'flag' },
  least: { function: 'minimum', column: 'at' },
  middle: { function: 'percentile', column: 'score', scale: 'logarithmic', percent: 50 },
  nNamed: { function: 'count', where: { name: 'x' } },
  sumNamed: { function: 'sum', column: 'score', where: { name: { in: ['x', 'y', null] } } },
  totalNamed: { function: 'total', column: 'score', where: { name: { in: ['y'] } } },
  meanNamed: { function: 'average', column: 'score', where: { name: null } },
  scoredFlagged: { function: 'count', column: 'score', where: { flag: true } },
} as const;
const names = Object.keys(FIGURES) as (keyof typeof FIGURES)[];
const figures = fc.subarray(names, { minLength: 1 });
const bound = fc.integer({ min: -40, max: 70 });
const filter = fc.record(
  {
    at: fc.record({ from: bound, before: bound }, { requiredKeys: [] }),
    name: fc.oneof(randomNames, fc.record({ in: fc.array(randomNames, { maxLength: 3 }) })),
  },
  { requiredKeys: [] },
);
const queries = fc.array(fc.record({ groupBy: groups, figures, where: filter }), {
  minLength: 1,
  maxLength: 8,
});

/** Totals that are kept never answer otherwise than the records themselves. */
export const describeRollUps = (withStore: WithStore): void => {
  describe('roll-ups', () => {
    test(
      'answer as the records do, after whatever was put, changed and removed',
      withStore(async (store) => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(
            randomChanges(16, 40),
            randomChanges(16, 40),
            queries,
            async (before, after, asked) => {
              round += 1;
              const name = `totals_${round}`;
              const plain = store.collection<Sample>({ ...SAMPLES, name: `plain_${round}` });
              // The roll-ups come to records that are there already.
              await applyChanges(store.collection<Sample>({ ...SAMPLES, name }), before);
              const kept = store.collection<Sample>(withRollUps(name));
              await applyChanges(kept, after);
              await applyChanges(plain, [...before, ...after]);
              for (const { groupBy, figures: some, where } of asked) {
                const entries = groupBy.includes(ENTRY);
                const query: AggregateQuery = {
                  groupBy,
                  where,
                  figures: {
                    ...Object.fromEntries(some.map((figure) => [figure, FIGURES[figure]])),
                    ...(entries ? { saved: { function: 'sum', column: 'data' } } : {}),
                  },
                };
                expect(await kept.aggregate(query)).toEqual(await plain.aggregate(query));
              }
            },
          ),
          { numRuns: 60 },
        );
      }),
      60_000,
    );

    test.each<[string, Partial<RollUpDefinition>]>([
      ['a name that is taken', { name: 'whole' }],
      ['a name that is none', { name: 'Whole"' }],
      ['a time that is no integer', { time: 'score' }],
      ['no spans', { spans: [] }],
      ['spans that do not fit into each other', { spans: [2, 3] }],
      ['an unknown column', { by: ['colour'] }],
      ['a column that is not text', { by: ['flag'] }],
      ['a total of text', { totals: ['name'] }],
    ])('with %s are refused', (_, part) =>
      withStore(async (store) => {
        const definition = { ...ROLL_UPS[0], name: 'other', time: 'at', spans: [2], by: [], ...part };
        const migrations = [...withRollUps('x').migrations, { addRollUps: [definition] }];
        expect(() => store.collection({ ...SAMPLES, migrations })).toThrow(
          expect.objectContaining({ code: 'BAD_REQUEST' }),
        );
      })(),
    );
  });
};
