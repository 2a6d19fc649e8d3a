import { describe, expect, test } from 'vitest';
import { describeRecordStore } from '../conformance/describe-record-store.js';
import { idsOf, SAMPLES, sample, samplesIn } from '../conformance/sample.js';
import { createMemoryRecordStore } from './memory-record-store.js';

describeRecordStore('memory', () => createMemoryRecordStore());

describe('the bound of the memory store', () => {
  const put = (maxRecords: number, ids: readonly string[]) =>
    samplesIn(
      createMemoryRecordStore({ maxRecords }),
      ids.map((id) => sample(id)),
    );

  test('drops the oldest records by key', async () => {
    const collection = put(3, ['e', 'a', 'd', 'b', 'c']);
    expect(idsOf(await collection.find())).toEqual(['e', 'd', 'c']);
    expect(await collection.get('a')).toBeUndefined();
  });

  test('is kept however many records pass through, and pages stay right', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => String(index).padStart(4, '0'));
    const collection = put(7, ids);
    expect(idsOf(await collection.find({ order: 'oldest' }))).toEqual(ids.slice(-7));
    const first = await collection.find({ limit: 5 });
    expect(idsOf(await collection.find({ cursor: first.next }))).toEqual(['0994', '0993']);
    expect(await collection.aggregate({ figures: { n: { function: 'count' } } })).toEqual([{ n: 7 }]);
  });

  test('counts every collection on its own', async () => {
    const store = createMemoryRecordStore({ maxRecords: 1 });
    const one = samplesIn(store, [sample('a')]);
    const other = store.collection<object>({ ...SAMPLES, name: 'others' });
    other.put({ id: 'b' });
    expect(await one.get('a')).toBeDefined();
    expect(await other.get('b')).toBeDefined();
  });

  test('is not dropped into by a replaced record', async () => {
    const collection = put(2, ['a', 'b', 'b', 'b']);
    expect(idsOf(await collection.find())).toEqual(['b', 'a']);
  });

  test.each([0, -1, 1.5, Number.NaN])('cannot be %s', (maxRecords) => {
    expect(() => createMemoryRecordStore({ maxRecords })).toThrow(/maxRecords/);
  });
});

describe('a long read of the memory store', () => {
  const ids = Array.from({ length: 12_000 }, (_, index) => String(index).padStart(6, '0'));
  const counting = { figures: { n: { function: 'count' } } } as const;
  const full = () =>
    samplesIn(
      createMemoryRecordStore(),
      ids.map((id) => sample(id, { at: 1 })),
    );

  test('lets others have their turn, and can be cancelled meanwhile', async () => {
    const collection = full();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('changed my mind')), 0);
    const { signal } = controller;
    await expect(collection.aggregate({ ...counting, signal })).rejects.toThrow('changed my mind');
    expect(await collection.aggregate(counting)).toEqual([{ n: ids.length }]);
  });

  test('counts every record once, although records come in between', async () => {
    const collection = full();
    setTimeout(() => {
      for (const id of ids.slice(0, 100)) collection.put(sample(`${id}-new`, { at: 2 }));
    }, 0);
    expect(await collection.aggregate({ ...counting, where: { at: 1 } })).toEqual([{ n: ids.length }]);
    expect(await collection.aggregate(counting)).toEqual([{ n: ids.length + 100 }]);
  });

  test.each(['newest', 'oldest'] as const)('finds what is far away, %s first', async (order) => {
    const collection = full();
    const id = order === 'oldest' ? ids.at(-1)! : ids[0]!;
    collection.put(sample(id, { at: 3 }));
    expect(idsOf(await collection.find({ order, where: { at: 3 } }))).toEqual([id]);
  });
});
