import fc from 'fast-check';
import type { JsonValue } from '../../model/json.js';
import type { RecordCollection } from '../record-store.js';
import { type Sample, sample } from './sample.js';

/** One thing that happens to a collection. */
export type Change =
  | { readonly kind: 'put'; readonly id: string; readonly values: Partial<Sample> }
  | { readonly kind: 'update'; readonly id: string; readonly values: Partial<Sample> }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'flush' };

/** Names of samples, some of which have to be told apart with care. */
export const randomNames: fc.Arbitrary<string | null> = fc.constantFrom('', '=', 'x', 'y', null);

const values: fc.Arbitrary<Partial<Sample>> = fc.record({
  at: fc.option(fc.integer({ min: -30, max: 60 }), { nil: null }),
  name: randomNames,
  // Sums of quarters are exact, whatever the order.
  score: fc.option(
    fc.integer({ min: -40, max: 4000 }).map((number) => number / 4),
    { nil: null },
  ),
  flag: fc.constantFrom(true, false, null),
  data: fc.constantFrom<JsonValue>(
    null,
    { fold: 1 },
    { fold: 2, trim: 0.5 },
    { '=': 1, note: 'fold' },
    ['fold'],
    ['trim', 'fold', 1],
    'fold',
  ),
});

/** Things that happen to some of `records` records. */
export const randomChanges = (records: number, maxLength: number): fc.Arbitrary<Change[]> => {
  const id = fc.integer({ min: 0, max: records - 1 }).map((number) => `r${number}`);
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), id, values }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('update' as const),
          id,
          values: fc.record({ score: fc.constantFrom(7, null), name: randomNames }, { requiredKeys: [] }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
    ),
    // Else most lists would be much shorter.
    { maxLength, size: 'max' },
  );
};

/** Lets things happen, and waits until they are written. */
export const applyChanges = async (
  collection: RecordCollection<Sample>,
  changes: readonly Change[],
): Promise<void> => {
  for (const change of changes) {
    if (change.kind === 'put') collection.put(sample(change.id, change.values));
    else if (change.kind === 'update') collection.update(change.id, change.values);
    else if (change.kind === 'remove') collection.remove(change.id);
    else await collection.flush();
  }
  await collection.flush();
};
