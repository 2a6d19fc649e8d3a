import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenThrow,
  type Script,
  scriptedProvider,
  served,
  start,
  textAnswer,
  textBlock,
  usageOf,
} from '../../test/scripted-provider.js';
import {
  type CacheEntry,
  type CacheOptions,
  type CacheStore,
  memoryCache,
  sharedCache,
} from '../cache/index.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelEvent } from '../model/model-event.js';
import { createMemoryValueStore } from '../storage/index.js';
import type { ChatRequest } from './chat-request.js';
import { createGateway } from './create-gateway.js';

const ANSWER = [start, served('one'), ...textBlock('a', 'b'), finish()];

const setUp = (cache: CacheOptions = {}, script: Script = play(ANSWER)) => {
  const provider = scriptedProvider(script);
  const gateway = createGateway({ providers: [provider], cache, retry: { retries: 0 } });
  return { gateway, provider, asked: () => provider.calls.length };
};
const HI: ChatRequest = { model: 'scripted:one', prompt: 'Hi' };
/** Only what is kept, without sharing what runs. */
const KEPT: CacheOptions = { joinDuplicates: false };

describe('an answer that is kept', () => {
  test('is given again as it was, for nothing, with what it would have cost', async () => {
    const { gateway, asked } = setUp(KEPT);
    const first = await gateway.chat(HI);
    const second = await gateway.chat(HI);
    expect(asked()).toBe(1);
    expect(second).toMatchObject({
      text: 'ab',
      finishReason: 'stop',
      cache: 'hit',
      usage: first.usage,
      cost: { tokensIn: 0, tokensOut: 0, costUsd: 0, savedUsd: 0.002 },
      route: { provider: 'scripted', model: 'one', reason: expect.stringContaining('from the cache') },
    });
    expect(first.cache).toBeUndefined();
    expect(second.id).not.toBe(first.id);
    const record = await gateway.ledger.get(second.id);
    expect(record).toMatchObject({
      status: 'success',
      provider: 'scripted',
      model: 'one',
      cache: 'hit',
      tokensIn: 0,
      tokensOut: 0,
      costUsd: 0,
      savedUsd: 0.002,
      tokensSaved: 1_500,
      tokensCacheRead: null,
    });
    expect(await gateway.ledger.summarize()).toMatchObject([
      { calls: 2, cachedCalls: 1, costUsd: 0.002, savedUsd: 0.002, tokensIn: 1_000 },
    ]);
  });

  test('is given to a stream with the events that came', async () => {
    const { gateway, asked } = setUp(KEPT);
    const read = async () => {
      const events: ModelEvent[] = [];
      for await (const event of gateway.stream(HI)) events.push(event);
      return events;
    };
    const [first, second] = [await read(), await read()];
    expect(asked()).toBe(1);
    expect(second.slice(1, -1)).toEqual(first.slice(1, -1));
    expect(second[0]).toMatchObject({ type: 'stream-start', cache: 'hit', callId: expect.any(String) });
    expect(second[0]).not.toMatchObject({ callId: (first[0] as { callId?: string }).callId });
    expect((await gateway.chat(HI)).text).toBe('ab');
  });

  test('is not given when anything else is asked, or by anybody else', async () => {
    const { gateway, asked } = setUp(KEPT);
    const requests: ChatRequest[] = [
      HI,
      { ...HI, prompt: 'Ho' },
      { ...HI, model: 'scripted:two' },
      { ...HI, temperature: 0.5 },
      { ...HI, user: 'ann' },
      { ...HI, project: 'atlas' },
      { ...HI, apiKeyId: 'laptop' },
    ];
    for (const request of requests) await gateway.chat(request);
    expect(asked()).toBe(requests.length);
    for (const request of requests) await gateway.chat(request);
    expect(asked()).toBe(requests.length);
  });

  test('is the same whatever name the model was asked by', async () => {
    const { gateway, asked } = setUp(KEPT);
    await gateway.chat(HI);
    await gateway.chat({ ...HI, model: 'one' });
    await gateway.chat({ ...HI, model: 'tier:economy' });
    expect(asked()).toBe(1);
  });

  test('is not given for a prompt that was made shorter in another way', async () => {
    const provider = scriptedProvider(play(ANSWER));
    const compression = { preset: 'aggressive', minCharacters: 10 } as const;
    const gateway = createGateway({ providers: [provider], cache: KEPT, compression });
    const ask = { ...HI, prompt: 'Some words   \n\n\n\n and more.\n'.repeat(50) };
    await gateway.chat(ask);
    await gateway.chat({ ...ask, compression: 'aggressive' });
    expect(provider.calls).toHaveLength(1);
    await gateway.chat({ ...ask, compression: 'off' });
    expect(provider.calls).toHaveLength(2);
  });

  test('ends with its time', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const { gateway, asked } = setUp({ ...KEPT, ttlMs: 1_000 });
      await gateway.chat(HI);
      vi.advanceTimersByTime(999);
      await gateway.chat(HI);
      expect(asked()).toBe(1);
      vi.advanceTimersByTime(2);
      await gateway.chat(HI);
      expect(asked()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what a request says of the cache', () => {
  test.each([
    [{ mode: 'no-cache' }, 2, 2],
    [{ mode: 'refresh' }, 2, 2],
    [{ mode: 'no-store' }, 1, 1],
    [{ mode: 'default' }, 1, 1],
  ] as const)('%j after an answer was kept', async (cache, asked, askedLater) => {
    const scene = setUp(KEPT);
    await scene.gateway.chat(HI);
    await scene.gateway.chat({ ...HI, cache });
    expect(scene.asked()).toBe(asked);
    await scene.gateway.chat(HI);
    expect(scene.asked()).toBe(askedLater);
  });

  test.each([
    [{ mode: 'no-cache' }, 2],
    [{ mode: 'no-store' }, 2],
    [{ mode: 'refresh' }, 1],
    [{ mode: 'default' }, 1],
  ] as const)('%j when none is kept', async (cache, asked) => {
    const scene = setUp(KEPT);
    await scene.gateway.chat({ ...HI, cache });
    await scene.gateway.chat(HI);
    expect(scene.asked()).toBe(asked);
  });

  test('a shorter time takes nothing older', async () => {
    const { gateway, asked } = setUp(KEPT);
    await gateway.chat(HI);
    await sleep(5);
    await gateway.chat({ ...HI, cache: { ttlMs: 1 } });
    expect(asked()).toBe(2);
  });
});

describe('what is never kept', () => {
  test.each<[string, Script]>([
    ['an answer that was cut short', play([start, ...textBlock('a'), finish(undefined, 'length')])],
    ['a refused one', play([start, ...textBlock('a'), finish(undefined, 'content-filter')])],
    ['an empty one', play([start, finish(usageOf(1, 0))])],
    ['one of empty text', play([start, ...textBlock(''), finish(usageOf(1, 0))])],
    ['a broken one', play([start, ...textBlock('a')])],
    ['a failure', playThenThrow([start], new MillraceError('SERVER_ERROR', 'x'))],
  ])('%s', async (_what, script) => {
    const { gateway, asked } = setUp(KEPT, script);
    await gateway.chat(HI).catch(() => undefined);
    await gateway.chat(HI).catch(() => undefined);
    expect(asked()).toBe(2);
  });

  test('an answer that was left', async () => {
    const { gateway, asked } = setUp(KEPT);
    for await (const event of gateway.stream(HI)) if (event.type === 'text-delta') break;
    await gateway.chat(HI);
    expect(asked()).toBe(2);
  });

  test('more than there is room for: what was asked for the longest ago goes', async () => {
    const { gateway, asked } = setUp({ ...KEPT, store: memoryCache({ maxEntries: 2 }) });
    for (const prompt of ['1', '2', '1', '3', '1', '2']) await gateway.chat({ ...HI, prompt });
    // 2 had to go for 3.
    expect(asked()).toBe(4);
    const small = setUp({ ...KEPT, store: memoryCache({ maxBytes: 50 }) });
    await small.gateway.chat(HI);
    await small.gateway.chat(HI);
    expect(small.asked()).toBe(2);
  });
});

describe('a store that processes share', () => {
  const values = () => {
    const kept = new Map<string, string>();
    return {
      kept,
      get: async (key: string) => kept.get(key),
      set: async (key: string, value: string) => void kept.set(key, value),
    };
  };

  test('keeps answers as text', async () => {
    const store = values();
    const one = setUp({ ...KEPT, store: sharedCache({ store }) });
    await one.gateway.chat(HI);
    await one.gateway.close();
    expect([...store.kept.keys()]).toEqual([expect.stringMatching(/^cache:[0-9a-f]{64}$/)]);
    const two = setUp({ ...KEPT, store: sharedCache({ store }) });
    expect(await two.gateway.chat(HI)).toMatchObject({ text: 'ab', cache: 'hit', cost: { savedUsd: 0.002 } });
    expect(two.asked()).toBe(0);
  });

  test('gives back the bytes of a file', async () => {
    const data = { type: 'data', data: new Uint8Array([0, 1, 200, 255]) } as const;
    const file: ModelEvent = { type: 'file', mediaType: 'image/png', data };
    const store = sharedCache({ store: values() });
    const { gateway } = setUp({ ...KEPT, store }, play([start, file, finish()]));
    const [first, second] = [await gateway.chat(HI), await gateway.chat(HI)];
    expect(second.cache).toBe('hit');
    expect(second.content).toEqual(first.content);
  });

  test('is given times in whole milliseconds', async () => {
    const store = createMemoryValueStore();
    const { gateway } = setUp({ ...KEPT, store: sharedCache({ store }), ttlMs: 100_000 / 3 });
    await gateway.chat(HI);
    expect((await gateway.chat(HI)).cache).toBe('hit');
    await store.close();
  });

  test('is spared an answer of more bytes than it takes, however few characters they are', async () => {
    const store = values();
    const shared = sharedCache({ store, maxEntryBytes: 1_000 });
    const { gateway } = setUp(
      { ...KEPT, store: shared },
      play([start, ...textBlock('語'.repeat(300)), finish()]),
    );
    await gateway.chat(HI);
    expect(store.kept.size).toBe(0);
  });

  test.each([
    '{"v":2}',
    '{"events":[],"storedAt":9e15}',
    '{"events":[null],"storedAt":9e15}',
    '{"events":[{"type":"finish"}],"storedAt":9e15}',
    '{"events":[{"type":"stream-start","warnings":[]},{"type":"text-delta","id":"t","delta":"half"}],"storedAt":9e15}',
  ])('that holds %s is asked for nothing', async (text) => {
    const store = values();
    const { gateway, asked } = setUp({
      ...KEPT,
      store: sharedCache({ store: { ...store, get: async () => text } }),
    });
    expect((await gateway.chat(HI)).text).toBe('ab');
    expect(asked()).toBe(1);
  });
});

describe('a store that fails', () => {
  const broken = (): never => {
    throw new Error('connection lost');
  };
  const stores: [string, CacheStore][] = [
    ['at once', { get: broken, set: broken }],
    ['later', { get: async () => broken(), set: async () => broken() }],
    [
      'by never answering',
      { get: () => new Promise<CacheEntry>(() => undefined), set: () => new Promise(() => undefined) },
    ],
  ];
  test.each(stores)('%s does no harm', async (_how, store) => {
    const { gateway } = setUp({ ...KEPT, store, storeTimeoutMs: 10 });
    expect((await gateway.chat(HI)).text).toBe('ab');
    // The gateway does not wait for ever either.
    await gateway.close();
  });

  test.each(stores)('%s fails the call where the host wants that', async (_how, store) => {
    const { gateway, asked } = setUp({ ...KEPT, store, storeTimeoutMs: 10, onStoreError: 'closed' });
    expect(await failureOf(() => gateway.chat(HI))).toMatchObject({
      code: 'STORAGE',
      retryable: true,
      message: expect.stringContaining('The cache could not be read'),
    });
    expect(asked()).toBe(0);
    expect(await recordOf(gateway)).toMatchObject({ status: 'error', costUsd: 0 });
  });
});

test.each([{ ttlMs: 0 }, { ttlMs: Number.NaN }, { duplicateWindowMs: -1 }, { scope: 'world' as never }])(
  'the options %j are refused',
  (cache) => {
    expect(() => createGateway({ cache })).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  },
);

test.each([{ mode: 'maybe' as never }, { ttlMs: 0 }, 'no' as never])(
  'the request %j is refused',
  async (cache) => {
    const { gateway } = setUp();
    await expect(async () => gateway.chat({ ...HI, cache })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  },
);

test('answers of a tool call are given again', async () => {
  const call: ModelEvent = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{}' };
  const { gateway, asked } = setUp(KEPT, play([start, call, finish(undefined, 'tool-calls')]));
  await gateway.chat(HI);
  expect((await gateway.chat(HI)).toolCalls).toHaveLength(1);
  expect(asked()).toBe(1);
});

test('without a cache every call asks the vendor', async () => {
  const provider = scriptedProvider(play(textAnswer('x')));
  const gateway = createGateway({ providers: [provider] });
  await Promise.all([gateway.chat(HI), gateway.chat(HI)]);
  expect(provider.calls).toHaveLength(2);
  expect((await recordsOf(gateway)).every(({ cache }) => cache === null)).toBe(true);
});
