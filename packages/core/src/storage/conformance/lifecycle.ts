import { describe, expect, test } from 'vitest';
import type { CollectionDefinition, RecordStore } from '../record-store.js';
import { SAMPLES, type Sample, sample, samplesIn, type WithStore } from './sample.js';

const LATER: CollectionDefinition = {
  ...SAMPLES,
  migrations: [
    ...SAMPLES.migrations,
    { addColumns: { colour: 'text', size: 'integer' }, addIndexes: [['colour']] },
    { addIndexes: [['size', 'at']] },
  ],
};

const BAD_DEFINITIONS: readonly (readonly [title: string, definition: CollectionDefinition])[] = [
  ['a name that is SQL', { ...SAMPLES, name: 'samples" (id TEXT); --' }],
  ['a reserved name', { ...SAMPLES, name: 'millrace_migrations' }],
  [
    'a column name that is SQL',
    { ...SAMPLES, migrations: [{ addColumns: { id: 'text', 'a" TEXT; --': 'text' } }] },
  ],
  [
    'columns that differ only in case',
    { ...SAMPLES, migrations: [{ addColumns: { id: 'text', ID: 'text' } }] },
  ],
  ['no step', { ...SAMPLES, migrations: [] }],
  ['a primary key that no step adds', { ...SAMPLES, primaryKey: 'key' }],
  [
    'an index of an unknown column',
    { ...SAMPLES, migrations: [{ addColumns: { id: 'text' }, addIndexes: [['x']] }] },
  ],
];

const cancelled = (): { readonly signal: AbortSignal; readonly reason: Error } => {
  const reason = new Error('changed my mind');
  return { signal: AbortSignal.abort(reason), reason };
};

const describeMigrations = (withStore: WithStore): void => {
  describe('migrations', () => {
    test(
      'a later step keeps the records and adds its columns as null',
      withStore(async (store) => {
        samplesIn(store, [sample('a', { name: 'old' })]);
        const later = store.collection<Sample & { colour: string | null; size: number | null }>(LATER);
        later.put({ ...sample('b'), colour: 'red', size: 3 });
        expect(await later.get('a')).toEqual({ ...sample('a', { name: 'old' }), colour: null, size: null });
        expect(await later.get('b')).toEqual({ ...sample('b'), colour: 'red', size: 3 });
        expect((await later.find({ where: { colour: null } })).rows).toHaveLength(1);
      }),
    );

    test(
      'opening a collection twice shows the same records',
      withStore(async (store) => {
        samplesIn(store, [sample('a')]);
        expect(await samplesIn(store).get('a')).toEqual(sample('a'));
      }),
    );

    test(
      'collections of different names share nothing',
      withStore(async (store) => {
        samplesIn(store, [sample('a')]);
        const other = store.collection<Sample>({ ...SAMPLES, name: 'others' });
        expect(await other.get('a')).toBeUndefined();
      }),
    );

    test(
      'data of a newer version is refused, and stays as it is',
      withStore(async (store) => {
        const later = store.collection<Sample>(LATER);
        later.put(sample('a'));
        await later.flush();
        const failure = expect.objectContaining({
          code: 'STORAGE',
          message: expect.stringContaining('version 3'),
        });
        // A store that is far away finds out with the first use.
        const opening = async () => store.collection(SAMPLES).flush();
        await expect(opening()).rejects.toEqual(failure);
        expect(await later.get('a')).toMatchObject(sample('a'));
      }),
    );

    test.each(BAD_DEFINITIONS)('a definition with %s is refused', (_, definition) =>
      withStore(async (store) => {
        expect(() => store.collection(definition)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
      })(),
    );
  });
};

/** Migrations, flush, cancel and close. */
export const describeLifecycle = (withStore: WithStore): void => {
  describeMigrations(withStore);

  describe('flush, cancel and close', () => {
    test(
      'flush resolves, with and without something to write',
      withStore(async (store) => {
        const collection = samplesIn(store);
        await collection.flush();
        for (let index = 0; index < 2500; index += 1) collection.put(sample(`r${index}`));
        await collection.flush();
        expect(await collection.aggregate({ figures: { n: { function: 'count' } } })).toEqual([{ n: 2500 }]);
      }),
    );

    test(
      'a read that is cancelled before it begins rejects with the reason',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a')]);
        const { signal, reason } = cancelled();
        await expect(collection.get('a', { signal })).rejects.toBe(reason);
        await expect(collection.find({ signal })).rejects.toBe(reason);
        await expect(collection.aggregate({ signal, figures: { n: { function: 'count' } } })).rejects.toBe(
          reason,
        );
        expect(await collection.get('a')).toEqual(sample('a'));
      }),
    );

    test(
      'a closed store refuses everything with CLOSED and can be closed again',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a')]);
        await store.close();
        await store.close();
        const closed = expect.objectContaining({ code: 'CLOSED' });
        expect(() => collection.put(sample('b'))).toThrow(closed);
        expect(() => store.collection(SAMPLES)).toThrow(closed);
        await expect(collection.get('a')).rejects.toEqual(closed);
        await expect(collection.find()).rejects.toEqual(closed);
        await expect(collection.flush()).rejects.toEqual(closed);
      }),
    );

    test('a store closes at the end of an "await using" block', async () => {
      let kept: RecordStore | undefined;
      await withStore(async (store) => {
        kept = store;
        await using held = store;
        samplesIn(held);
      })();
      expect(() => kept?.collection(SAMPLES)).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    });
  });
};
