import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
  textBlock,
  usageOf,
} from '../../test/scripted-provider.js';
import { createBudgets } from '../budget/index.js';
import { type CacheOptions, memoryCache } from '../cache/index.js';
import { ProviderError } from '../model/errors/provider-error.js';
import { createMemoryCounterStore } from '../storage/index.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';

const HI = { model: 'scripted:one', prompt: 'Hi' } as const;

const setUp = (script: Script, cache: CacheOptions = {}, more: GatewayOptions = {}) => {
  const provider = scriptedProvider(script);
  const gateway = createGateway({ providers: [provider], cache, retry: { retries: 0 }, ...more });
  return { gateway, provider, asked: () => provider.calls.length };
};
/** Answers after a while; gives up when it is aborted. */
const slow = (ms: number): Script =>
  async function* (_request, { signal }) {
    await sleep(ms, undefined, { signal });
    yield* textAnswer('x');
  };
/** A new answer each time. */
const counting = (): Script => {
  let count = 0;
  return async function* () {
    count += 1;
    yield* textAnswer(`answer ${count}`);
  };
};

describe('within the window of duplicates', () => {
  test.each<[string, Script]>([
    ['cut short', play([start, ...textBlock('a'), finish(undefined, 'length')])],
    ['refused', play([start, ...textBlock('a'), finish(undefined, 'content-filter')])],
    ['empty', play([start, finish(usageOf(1, 0))])],
  ])('an answer that was %s is not given again', async (_what, script) => {
    const { gateway, asked } = setUp(script);
    await gateway.chat(HI);
    await gateway.chat(HI);
    expect(asked()).toBe(2);
  });

  test('who asks for nothing older is given nothing older', async () => {
    const { gateway, asked } = setUp(play(textAnswer('a')));
    await gateway.chat(HI);
    await sleep(20);
    await gateway.chat({ ...HI, cache: { ttlMs: 5 } });
    expect(asked()).toBe(2);
  });

  test('a refreshed answer takes the place of the earlier one, though it is too large to be kept', async () => {
    const { gateway } = setUp(counting(), { store: memoryCache({ maxBytes: 10 }) });
    await gateway.chat(HI);
    await gateway.chat({ ...HI, cache: { mode: 'refresh' } });
    expect((await gateway.chat(HI)).text).toBe('answer 2');
  });

  test.each<[string, CacheOptions]>([
    ['joined', { store: memoryCache({ maxBytes: 10 }) }],
    ['kept', { joinDuplicates: false }],
  ])('an answer that does not fit its schema is not %s', async (_how, cache) => {
    let count = 0;
    const { gateway } = setUp(async function* () {
      count += 1;
      yield* textAnswer(count === 1 ? 'no JSON' : '{"a":1}');
    }, cache);
    const request = { ...HI, output: { schema: { type: 'object' } } } as const;
    expect(await failureOf(() => gateway.chat(request))).toMatchObject({ code: 'INVALID_OUTPUT' });
    expect((await gateway.chat(request)).output).toEqual({ a: 1 });
    await gateway.chat(request);
    expect(count).toBe(2);
  });
});

describe('calls that ask the same on other terms', () => {
  test('do not fail by the time limit of another, nor wait longer than their own', async () => {
    const { gateway, asked } = setUp(slow(100));
    const patient = gateway.chat(HI);
    const hasty = failureOf(() => gateway.stream({ ...HI, timeLimits: { firstEventMs: 20 } }).reply());
    const later = gateway.chat(HI);
    expect(await hasty).toMatchObject({ code: 'TIMEOUT' });
    expect((await patient).text).toBe('x');
    expect((await later).cache).toBe('joined');
    expect(asked()).toBe(2);
  });

  test('are not answered by a model that only another call may go on to', async () => {
    const script: Script = async function* ({ model }) {
      await sleep(10);
      if (model === 'one')
        throw new ProviderError('OVERLOADED', 'Busy.', { provider: 'scripted', model, retryable: false });
      yield* textAnswer('from two');
    };
    const policy = { fallbacks: { 'scripted:one': ['scripted:two'] } };
    const { gateway } = setUp(script, {}, { routing: policy });
    const movesOn = gateway.chat(HI);
    const stays = failureOf(() => gateway.chat({ ...HI, routing: { fallback: false } }));
    expect((await movesOn).text).toBe('from two');
    expect(await stays).toMatchObject({ code: 'OVERLOADED' });
  });

  test('are not refused by a budget of somebody else', async () => {
    const memory = createMemoryCounterStore();
    // Far away, so that the second call comes while the first one is being refused.
    const counters = {
      ...memory,
      reserve: async (...args: Parameters<typeof memory.reserve>) => {
        await sleep(50);
        return memory.reserve(...args);
      },
    };
    const limits = [{ id: 'ann', limitUsd: 0, period: 'day', only: { user: 'ann' } }] as const;
    const budgets = createBudgets({ limits, counters, waitForHeldMs: 0 });
    const { gateway, asked } = setUp(play(textAnswer('x')), { scope: 'shared' }, { budgets });
    const refused = [1, 2].map(() => failureOf(() => gateway.chat({ ...HI, user: 'ann' })));
    await sleep(10);
    const granted = ['bob', 'bob', 'eve'].map((user) => gateway.chat({ ...HI, user }));
    for (const failure of await Promise.all(refused))
      expect(failure).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect((await Promise.all(granted)).map(({ text }) => text)).toEqual(['x', 'x', 'x']);
    expect(asked()).toBe(1);
    const paid = (await recordsOf(gateway)).filter(({ costUsd }) => costUsd !== 0);
    expect(paid).toMatchObject([{ status: 'success', cache: null }]);
  });
});

test('a call that is left before it has begun does not begin, and what it cost is the same in ledger and budget', async () => {
  for (let turns = 0; turns < 40; turns++) {
    const budgets = createBudgets({ limits: [{ id: 'all', limitUsd: 1, period: 'day' }], waitForHeldMs: 0 });
    const { gateway, asked } = setUp(play(textAnswer('a', 'b')), {}, { budgets });
    const caller = new AbortController();
    const reply = gateway.chat({ ...HI, signal: caller.signal }).catch(() => undefined);
    for (let turn = 0; turn < turns; turn++) await undefined;
    caller.abort();
    await reply;
    await gateway.close();
    const [record] = await recordsOf(gateway);
    const [budget] = await budgets.status();
    expect(budget?.usedUsd).toBeCloseTo(record?.costUsd ?? 0, 9);
    expect(asked() > 0).toBe(record?.costUsd !== 0);
  }
});
