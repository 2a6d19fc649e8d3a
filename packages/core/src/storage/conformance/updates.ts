import { describe, expect, test } from 'vitest';
import { SAMPLES, sample, samplesIn, type WithStore } from './sample.js';

/** Some columns of a record can be changed. */
export const describeUpdates = (withStore: WithStore): void => {
  describe('updates', () => {
    test(
      'change some columns and leave the others, the last change counts',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a', { name: 'one', score: 1, data: [1] }), sample('b')]);
        collection.update('a', { score: 2, flag: true });
        collection.update('a', { score: 3, name: undefined, data: null });
        expect((await collection.find({ order: 'oldest' })).rows).toEqual([
          sample('a', { name: 'one', score: 3, flag: true }),
          sample('b'),
        ]);
        collection.update('a', { score: null });
        expect(await collection.get('a')).toEqual(sample('a', { name: 'one', flag: true }));
      }),
    );

    test(
      'of a record that does not exist do nothing',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a')]);
        collection.update('b', { score: 2 });
        collection.remove('a');
        collection.update('a', { score: 2 });
        await collection.flush();
        expect((await collection.find()).rows).toEqual([]);
      }),
    );

    test(
      'keep their place among what is put and removed',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a', { score: 1 }), sample('b', { score: 1 })]);
        collection.update('a', { score: 2 });
        collection.put(sample('a', { name: 'anew' }));
        collection.update('a', { flag: false });
        collection.update('b', { score: 2 });
        collection.remove('b');
        collection.put(sample('b', { name: 'back' }));
        expect((await collection.find({ order: 'oldest' })).rows).toEqual([
          sample('a', { name: 'anew', flag: false }),
          sample('b', { name: 'back' }),
        ]);
      }),
    );

    test(
      'of a column that a later version added meet a record of the earlier one',
      withStore(async (store) => {
        const earlier = samplesIn(store);
        const migrations = [...SAMPLES.migrations, { addColumns: { colour: 'text' } as const }];
        const later = store.collection<{ id: string; colour: string | null }>({ ...SAMPLES, migrations });
        await later.flush();
        earlier.put(sample('a', { name: 'one' }));
        later.update('a', { colour: 'red' });
        expect(await later.get('a')).toEqual({ ...sample('a', { name: 'one' }), colour: 'red' });
      }),
    );

    test.each([
      ['an unknown column', { colour: 'red' }],
      ['the key', { id: 'b' }],
      ['a value of another type', { score: 'high' }],
    ])('of %s are refused at once', (_, values) =>
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a')]);
        expect(() => collection.update('a', values as object)).toThrow(
          expect.objectContaining({ code: 'BAD_REQUEST' }),
        );
      })(),
    );
  });
};
