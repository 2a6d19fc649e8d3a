import { describe, expect, test, vi } from 'vitest';
import { sample, samplesIn } from '../../src/storage/conformance/sample.js';
import type { CounterStore } from '../../src/storage/counter-store.js';
import { createPostgresCounterStore } from '../../src/storage/postgres/postgres-counter-store.js';
import { createPostgresRecordStore } from '../../src/storage/postgres/postgres-record-store.js';
import { createPostgresValueStore } from '../../src/storage/postgres/postgres-value-store.js';
import { createRedisCounterStore } from '../../src/storage/redis/redis-counter-store.js';
import { createRedisValueStore } from '../../src/storage/redis/redis-value-store.js';
import type { ValueStore } from '../../src/storage/value-store.js';
import { startProxy } from './cuttable-proxy.js';
import { freshName, withService } from './services.js';

vi.setConfig({ testTimeout: 30_000 });

const lost = expect.objectContaining({ name: 'MillraceError', code: 'STORAGE', retryable: true });
const limits = [{ key: 'budget', limit: 100 }];

const describeLoss = (
  name: string,
  serviceUrl: string,
  open: (url: string, timeoutMs: number) => { readonly counters: CounterStore; readonly values: ValueStore },
): void => {
  describe(`${name} that is lost`, () => {
    test('is reported as STORAGE, and used again when it is back', async () => {
      await using proxy = await startProxy(serviceUrl);
      const { counters, values } = open(proxy.url, 2_000);
      await using _counters = counters;
      await using _values = values;
      await counters.reserve(limits, 60, { leaseId: 'first', leaseMs: 60_000 });
      await values.set('a', 'kept');
      await proxy.cut();
      await expect(counters.reserve(limits, 1, { leaseId: 'second', leaseMs: 60_000 })).rejects.toEqual(lost);
      await expect(counters.settle('first', 50)).rejects.toEqual(lost);
      await expect(values.get('a')).rejects.toEqual(lost);
      await proxy.restore();
      await vi.waitFor(async () => expect(await values.get('a')).toBe('kept'), 10_000);
      await vi.waitFor(async () => expect(await counters.settle('first', 50)).toBe('settled'), 10_000);
      expect(await counters.read(['budget'])).toMatchObject([{ used: 50, reserved: 0 }]);
    });

    test('while it answers leaves an outcome open, which the same lease settles', async () => {
      await using proxy = await startProxy(serviceUrl);
      const { counters } = open(proxy.url, 500);
      await using _counters = counters;
      await counters.add('other', 1);
      proxy.mute();
      const lease = { leaseId: 'once', leaseMs: 60_000 };
      await expect(counters.reserve(limits, 60, lease)).rejects.toEqual(lost);
      await proxy.cut();
      await proxy.restore();
      await vi.waitFor(
        async () => expect(await counters.reserve(limits, 60, lease)).toMatchObject({ granted: true }),
        10_000,
      );
      expect(await counters.read(['budget'])).toMatchObject([{ used: 0, reserved: 60 }]);
    });

    test('does not keep a cancelled operation waiting', async () => {
      await using proxy = await startProxy(serviceUrl);
      const { counters } = open(proxy.url, 10_000);
      await using _counters = counters;
      await counters.add('other', 1);
      proxy.mute();
      const controller = new AbortController();
      const adding = counters.add('other', 1, { signal: controller.signal });
      const reason = new Error('changed my mind');
      controller.abort(reason);
      await expect(adding).rejects.toBe(reason);
    });

    test('and was never there is reported as STORAGE without its address or password', async () => {
      const { counters } = open(serviceUrl.replace(/\/\/.*$/, '//user:hunter2@127.0.0.1:1'), 1_000);
      await using _counters = counters;
      const failure: unknown = await counters.add('a', 1).catch((error: unknown) => error);
      expect(failure).toEqual(lost);
      expect(
        `${String(failure)} ${JSON.stringify(failure)} ${String((failure as Error).cause)}`,
      ).not.toContain('hunter2');
    });
  });
};

withService('REDIS', (url) => {
  describeLoss('Redis', url, (address, timeoutMs) => {
    const options = { url: address, timeoutMs, prefix: `{${freshName()}}:` };
    return { counters: createRedisCounterStore(options), values: createRedisValueStore(options) };
  });
});

withService('POSTGRES', (url) => {
  describeLoss('Postgres', url, (address, timeoutMs) => {
    const options = { url: address, timeoutMs, schema: freshName() };
    return { counters: createPostgresCounterStore(options), values: createPostgresValueStore(options) };
  });

  test('records that are put while Postgres is lost are kept, reported and written when it is back', async () => {
    await using proxy = await startProxy(url);
    const onError = vi.fn();
    await using store = createPostgresRecordStore({
      url: proxy.url,
      schema: freshName(),
      timeoutMs: 1_000,
      flushTimeoutMs: 300,
      onError,
    });
    const collection = samplesIn(store, [sample('before')]);
    await collection.flush();
    await proxy.cut();
    for (let index = 0; index < 1_200; index += 1) collection.put(sample(`r${index}`));
    await expect(collection.flush()).rejects.toEqual(lost);
    await expect(collection.find()).rejects.toEqual(lost);
    expect(onError).toHaveBeenCalledWith(lost);
    await proxy.restore();
    const figures = { n: { function: 'count' } } as const;
    await vi.waitFor(
      async () => expect(await collection.aggregate({ figures })).toEqual([{ n: 1_201 }]),
      15_000,
    );
  });

  test('a batch of records whose connection is cut in the middle is written whole or not at all', async () => {
    await using proxy = await startProxy(url);
    const schema = freshName();
    await using watcher = createPostgresRecordStore({ url, schema });
    const seen = samplesIn(watcher);
    await seen.flush();
    const store = createPostgresRecordStore({
      url: proxy.url,
      schema,
      flushTimeoutMs: 200,
      onError: () => undefined,
    });
    const collection = samplesIn(store);
    await collection.flush();
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 500; index += 1) collection.put(sample(`${round}-${index}`));
      await proxy.cut();
      const [row] = await seen.aggregate({ figures: { n: { function: 'count' } } });
      expect(Number(row?.['n']) % 500).toBe(0);
      await proxy.restore();
      await vi.waitFor(() => collection.flush(), 15_000);
    }
    await store.close();
    expect(await seen.aggregate({ figures: { n: { function: 'count' } } })).toEqual([{ n: 2_500 }]);
  });

  test('a record that Postgres can never store is reported and left out, and the others are written', async () => {
    const onError = vi.fn();
    await using store = createPostgresRecordStore({ url, schema: freshName(), onError });
    // Longer than an index entry may be, and too random to be compressed.
    const long = Array.from({ length: 400 }, () => crypto.randomUUID()).join('');
    const collection = samplesIn(store, [sample('a'), sample('b', { name: long }), sample('c')]);
    expect((await collection.find()).rows.map(({ id }) => id)).toEqual(['c', 'a']);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining('A record of "samples" was not written') }),
    );
  });
});
