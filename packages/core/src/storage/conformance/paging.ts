import { describe, expect, test } from 'vitest';
import type { RecordCollection } from '../record-store.js';
import { idsOf, type Sample, sample, samplesIn, type WithStore } from './sample.js';

const numbered = (count: number): readonly Sample[] =>
  Array.from({ length: count }, (_, index) =>
    sample(`r${String(index).padStart(4, '0')}`, { at: index % 3 }),
  );

const allPages = async (
  collection: RecordCollection<Sample>,
  query: {
    readonly order: 'newest' | 'oldest';
    readonly limit: number;
    readonly where?: { readonly at: number };
  },
  betweenPages: () => void = () => undefined,
): Promise<readonly string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await collection.find({ ...query, cursor });
    ids.push(...idsOf(page));
    expect(page.rows.length).toBeLessThanOrEqual(query.limit);
    cursor = page.next;
    betweenPages();
  } while (cursor !== undefined);
  return ids;
};

/** Pages neither skip nor repeat records. */
export const describePaging = (withStore: WithStore): void => {
  describe('order and pages', () => {
    test(
      'records come newest first, and oldest first when asked',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('b'), sample('c'), sample('a')]);
        expect(idsOf(await collection.find())).toEqual(['c', 'b', 'a']);
        expect(idsOf(await collection.find({ order: 'oldest' }))).toEqual(['a', 'b', 'c']);
      }),
    );

    test(
      'keys are ordered by code points',
      withStore(async (store) => {
        const ids = ['a', 'B', '\u00e9', '\uFFFD', '\u{1F600}'];
        const collection = samplesIn(
          store,
          ids.map((id) => sample(id)),
        );
        expect(idsOf(await collection.find({ order: 'oldest' }))).toEqual([
          'B',
          'a',
          '\u00e9',
          '\uFFFD',
          '\u{1F600}',
        ]);
      }),
    );

    test(
      'a page holds 100 records unless asked otherwise',
      withStore(async (store) => {
        const collection = samplesIn(store, numbered(101));
        const page = await collection.find();
        expect(page.rows).toHaveLength(100);
        expect((await collection.find({ cursor: page.next })).rows).toHaveLength(1);
      }),
    );

    test.each(['newest', 'oldest'] as const)('pages of any size hold every record once, %s first', (order) =>
      withStore(async (store) => {
        const rows = numbered(20);
        const collection = samplesIn(store, rows);
        const expected = rows.map((row) => row.id);
        if (order === 'newest') expected.reverse();
        for (const limit of [1, 3, 10, 19, 20, 21]) {
          expect(await allPages(collection, { order, limit })).toEqual(expected);
        }
      })(),
    );

    test(
      'the last page has no next, also when it is full',
      withStore(async (store) => {
        const collection = samplesIn(store, numbered(4));
        const first = await collection.find({ limit: 2 });
        expect(first.next).toBeDefined();
        expect((await collection.find({ limit: 2, cursor: first.next })).next).toBeUndefined();
      }),
    );

    test(
      'a filter holds on every page',
      withStore(async (store) => {
        const rows = numbered(20);
        const collection = samplesIn(store, rows);
        const found = await allPages(collection, { order: 'oldest', limit: 2, where: { at: 1 } });
        expect(found).toEqual(rows.filter((row) => row.at === 1).map((row) => row.id));
      }),
    );

    test(
      'records that are added meanwhile neither shift nor repeat those of later pages',
      withStore(async (store) => {
        const rows = numbered(12);
        const collection = samplesIn(store, rows);
        let added = 0;
        const ids = await allPages(collection, { order: 'newest', limit: 5 }, () => {
          added += 1;
          collection.put(sample(`s${added}`));
          collection.put(sample('r0003', { name: 'replaced' }));
        });
        expect(ids).toEqual(rows.map((row) => row.id).reverse());
      }),
    );

    test.each([0, -1, 1.5, 1001, Number.NaN])('a limit of %s is refused', (limit) =>
      withStore(async (store) => {
        const refusal = expect.objectContaining({ code: 'BAD_REQUEST' });
        await expect(samplesIn(store).find({ limit })).rejects.toEqual(refusal);
      })(),
    );

    test(
      'an order that does not exist is refused',
      withStore(async (store) => {
        const query = { order: 'id; DROP TABLE samples' } as never;
        await expect(samplesIn(store).find(query)).rejects.toEqual(
          expect.objectContaining({ code: 'BAD_REQUEST' }),
        );
      }),
    );
  });
};
