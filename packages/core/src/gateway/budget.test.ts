import { describe, expect, test } from 'vitest';
import { ask, settled, setUp, standing } from '../../test/budgeted-gateway.js';
import { recordOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenThrow,
  playThenWait,
  served,
  start,
  textAnswer,
  textBlock,
  usageOf,
} from '../../test/scripted-provider.js';
import { ProviderError } from '../model/errors/provider-error.js';
import { UNKNOWN_USAGE } from '../model/usage.js';
import type { CounterStore } from '../storage/counter-store.js';
import { createMemoryCounterStore } from '../storage/memory/memory-counter-store.js';
import type { GatewayEvents } from './gateway-events.js';

describe('a call under a budget', () => {
  test('is charged what the ledger says that it cost', async () => {
    const { gateway, budgets } = setUp();
    const reply = await gateway.chat(ask);
    expect(reply.cost?.costUsd).toBeCloseTo(0.002, 9);
    await settled(budgets, (await recordOf(gateway)).costUsd ?? Number.NaN);
  });

  test('that may cost more than is left is refused before anything is sent, and recorded', async () => {
    const { gateway, budgets, provider } = setUp({ limit: { limitUsd: 0.002 } });
    const exceeded: GatewayEvents['budget-exceeded'][] = [];
    gateway.on('budget-exceeded', (event) => void exceeded.push(event));
    const error = await failureOf(() => gateway.chat(ask));
    expect(error).toMatchObject({
      code: 'BUDGET_EXCEEDED',
      budget: 'all',
      limitUsd: 0.002,
      retryable: false,
    });
    expect(provider.calls).toEqual([]);
    const record = await recordOf(gateway);
    expect(record).toMatchObject({
      status: 'error',
      errorCode: 'BUDGET_EXCEEDED',
      costUsd: 0,
      provider: 'scripted',
      model: 'one',
    });
    expect(exceeded).toMatchObject([{ id: record.id, error: { code: 'BUDGET_EXCEEDED' } }]);
    await settled(budgets, 0);
  });

  test('is not let through by many that come at once', async () => {
    const { gateway, budgets, provider } = setUp({ limit: { limitUsd: 0.02 } });
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => gateway.chat(ask)));
    const answered = results.filter(({ status }) => status === 'fulfilled').length;
    expect(answered).toBe(provider.calls.length);
    expect(answered).toBeGreaterThan(0);
    await settled(budgets, answered * 0.002);
    expect(answered * 0.002).toBeLessThanOrEqual(0.02);
  });

  test('uses nearly all of the money when it may wait for what is held', async () => {
    const { gateway, budgets } = setUp({
      limit: { limitUsd: 0.1 },
      options: { waitForHeldMs: 30_000 },
    });
    await Promise.allSettled(Array.from({ length: 60 }, () => gateway.chat(ask)));
    await gateway.close();
    expect((await standing(budgets))?.usedUsd).toBeGreaterThan(0.097);
    expect((await standing(budgets))?.usedUsd).toBeLessThanOrEqual(0.1);
  });

  test('asks anew for each attempt, and pays only for those that used something', async () => {
    let attempt = 0;
    const overloaded = new ProviderError('OVERLOADED', 'Busy.', { provider: 'scripted' });
    const { gateway, budgets } = setUp({
      script: async function* () {
        attempt += 1;
        expect((await standing(budgets))?.reservedUsd).toBeGreaterThan(0.002);
        expect((await standing(budgets))?.reservedUsd).toBeLessThan(0.004);
        if (attempt === 1) throw overloaded;
        yield* textAnswer('ok');
      },
    });
    expect((await gateway.chat(ask)).text).toBe('ok');
    await settled(budgets, 0.002);
  });

  test('that is refused on a later attempt ends with that error', async () => {
    const { gateway, budgets, provider } = setUp({
      limit: { limitUsd: 0.003 },
      script: async function* () {
        await budgets.reserve({ labels: {}, worstCaseUsd: 0.003, force: true });
        yield* [];
        throw new ProviderError('OVERLOADED', 'Busy.', { provider: 'scripted' });
      },
    });
    expect(await failureOf(() => gateway.chat(ask))).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(provider.calls).toHaveLength(1);
  });

  test('that is cancelled on the way is charged by the same estimate as in the ledger', async () => {
    const { gateway, budgets } = setUp({
      script: playThenWait([start, ...textBlock('Many words have come already, '.repeat(20))]),
    });
    const stream = gateway.stream(ask);
    for await (const { type } of stream) if (type === 'text-delta') break;
    const { costUsd, estimated, status } = await recordOf(gateway);
    expect({ estimated, status }).toEqual({ estimated: true, status: 'cancelled' });
    expect(costUsd).toBeGreaterThan(0);
    await settled(budgets, costUsd ?? Number.NaN);
  });

  test('that is cancelled after the vendor has counted its input is charged for that input', async () => {
    const inputTokens = { total: 100_000, noCache: 1_000, cacheRead: 99_000, cacheWrite: 0 };
    const { gateway, budgets } = setUp({
      provider: { models: [{ id: 'one', price: { input: 1, output: 2, cacheRead: 0.1 } }] },
      script: playThenWait([
        start,
        { type: 'response-metadata', modelId: 'one', inputTokens },
        ...textBlock('half'),
      ]),
    });
    for await (const { type } of gateway.stream(ask)) if (type === 'text-delta') break;
    const { costUsd, tokensIn, estimated } = await recordOf(gateway);
    expect({ tokensIn, estimated }).toEqual({ tokensIn: 100_000, estimated: true });
    expect(costUsd).toBeCloseTo(0.001 + 0.0099 + 0.000002, 6);
    await settled(budgets, costUsd ?? Number.NaN);
  });

  test('that breaks off is charged for what came', async () => {
    const { gateway, budgets } = setUp({
      script: playThenThrow([start, ...textBlock('half')], new Error('cut')),
    });
    await failureOf(() => gateway.stream(ask).reply());
    const { costUsd } = await recordOf(gateway);
    await settled(budgets, costUsd ?? Number.NaN);
  });

  test('sets aside as long an answer as its provider lets the model write', async () => {
    const held: number[] = [];
    const { gateway, budgets } = setUp({
      provider: {
        outputLimit: ({ model, maxOutputTokens = 0 }) => maxOutputTokens + (model === 'one' ? 9_000 : 0),
      },
      script: async function* () {
        held.push((await standing(budgets))?.reservedUsd ?? 0);
        yield* textAnswer('ok');
      },
    });
    await gateway.chat(ask);
    expect(held[0]).toBeGreaterThan(0.02);
    expect(held[0]).toBeLessThan(0.0202);
  });

  test('keeps an explicit zero', async () => {
    const { gateway, budgets } = setUp({ script: play([start, ...textBlock('x'), finish(usageOf(0, 0))]) });
    await gateway.chat(ask);
    await settled(budgets, 0);
  });

  test('is put right in the budget and in the ledger when the truth comes late', async () => {
    const { gateway, budgets } = setUp({ script: playThenWait([start, ...textBlock('half')]) });
    for await (const { type } of gateway.stream(ask)) if (type === 'text-delta') break;
    const { id, estimated } = await recordOf(gateway);
    expect(estimated).toBe(true);
    await gateway.close();
    expect(await gateway.correctCost(id, { costUsd: 0.5, tokensOut: 7 })).toBe(true);
    await settled(budgets, 0.5);
    expect(await recordOf(gateway)).toMatchObject({ costUsd: 0.5, tokensOut: 7, estimated: false });
    expect(await gateway.correctCost('nobody', { costUsd: 0.5 })).toBe(false);
    expect(await failureOf(() => gateway.correctCost(id, { costUsd: -1 }))).toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  test('has the label of its user', async () => {
    const { gateway } = setUp({ limit: { per: ['user'], limitUsd: 0.003 } });
    await gateway.chat({ ...ask, user: 'ada' });
    await gateway.chat({ ...ask, user: 'bob' });
    expect(await failureOf(() => gateway.chat({ ...ask, user: 'ada' }))).toMatchObject({
      code: 'BUDGET_EXCEEDED',
    });
  });

  test.each(['user', 'project', 'apiKeyId', 'runId'])('is refused when its %s is no text', async (name) => {
    const { gateway } = setUp();
    for (const value of ['', 7, 'x'.repeat(257)])
      expect(await failureOf(() => gateway.chat({ ...ask, [name]: value }))).toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringContaining(`\`${name}\``),
      });
  });

  test('tells of a budget that is nearly used, once', async () => {
    const { gateway } = setUp({ limit: { warnAt: 0.003 } });
    const warnings: GatewayEvents['budget-warning'][] = [];
    gateway.on('budget-warning', (event) => void warnings.push(event));
    await gateway.chat(ask);
    await gateway.chat(ask);
    await gateway.chat(ask);
    await gateway.close();
    expect(warnings).toMatchObject([{ budget: { id: 'all', usedUsd: 0.004 } }]);
  });
});

test('a budget that is nearly used sends hard tasks to cheaper models, and the record says what is left', async () => {
  const models = [
    { id: 'small', tier: 'economy', price: { input: 1, output: 1 } },
    { id: 'large', tier: 'premium', price: { input: 10, output: 10 } },
  ] as const;
  const { gateway, budgets } = setUp({ provider: { models } });
  const task = {
    prompt: `Refactor the billing module over all its files: ${'split src/a.ts, src/b.ts and src/c.ts, update all callers; '.repeat(6)}`,
    maxOutputTokens: 100,
  };
  expect((await gateway.chat(task)).route.model).toBe('large');
  const held = await budgets.reserve({ labels: {}, worstCaseUsd: 0.85 });
  await held?.settle(0.85);
  const { id, route } = await gateway.chat(task);
  expect(route.model).toBe('small');
  expect(route.reason).toContain('the budget "all" is nearly used');
  expect((await gateway.ledger.get(id))?.budgetLeftUsd).toBeLessThan(0.15);
});

describe('a call whose price is not known', () => {
  const unknown = { ...ask, model: 'scripted:new' };

  test('is not let through', async () => {
    const { gateway, provider } = setUp();
    expect(await failureOf(() => gateway.chat(unknown))).toMatchObject({
      code: 'UNKNOWN_PRICE',
      message: expect.stringContaining('scripted:new'),
    });
    expect(provider.calls).toEqual([]);
  });

  test('goes on where no budget is for it, or only a soft one', async () => {
    for (const limit of [{ only: { user: 'ada' } }, { hard: false }])
      expect((await setUp({ limit }).gateway.chat(unknown)).text).toBe('ok');
  });

  test('is charged to a soft budget when the model that has answered has a price', async () => {
    const { gateway, budgets } = setUp({
      limit: { hard: false },
      script: play([start, served('one'), ...textBlock('x'), finish()]),
    });
    expect((await gateway.chat(unknown)).cost?.costUsd).toBeCloseTo(0.002, 9);
    await settled(budgets, 0.002);
  });

  test('is charged the stated ceiling where the host says so', async () => {
    const { gateway, budgets } = setUp({ options: { onUnknownPrice: { reserveUsd: 0.4 } } });
    await gateway.chat(unknown);
    await gateway.chat(unknown);
    await settled(budgets, 0.8);
    expect(await failureOf(() => gateway.chat(unknown))).toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });
});

test('a free model is let through also when all is used', async () => {
  const models = [{ id: 'free', price: { input: 0, output: 0 } }];
  const { gateway, budgets } = setUp({ provider: { models }, limit: { limitUsd: 0 } });
  expect((await gateway.chat({ ...ask, model: 'scripted:free' })).text).toBe('ok');
  await settled(budgets, 0);
});

test('a model that is free is charged for when a dearer one has answered', async () => {
  const models = [
    { id: 'free', price: { input: 0, output: 0 } },
    { id: 'paid', price: { input: 1, output: 2 } },
  ];
  const { gateway, budgets } = setUp({
    provider: { models },
    script: play([start, served('paid'), ...textBlock('x'), finish()]),
  });
  expect((await gateway.chat({ ...ask, model: 'scripted:free' })).cost?.costUsd).toBeCloseTo(0.002, 9);
  await settled(budgets, 0.002);
});

test('an answer from the cache costs the budget nothing, and one that is shared costs once', async () => {
  const { gateway, budgets, provider } = setUp({ gateway: { cache: {} } });
  await Promise.all(Array.from({ length: 10 }, () => gateway.chat(ask)));
  await gateway.chat(ask);
  expect(provider.calls).toHaveLength(1);
  await settled(budgets, 0.002);
});

describe('when the store of the counters fails', () => {
  const broken: CounterStore = {
    ...createMemoryCounterStore(),
    reserve: () => Promise.reject(new Error('The disk is full.')),
  };

  test('no call is made', async () => {
    const { gateway, provider } = setUp({ options: { counters: broken } });
    expect(await failureOf(() => gateway.chat(ask))).toMatchObject({ code: 'STORAGE' });
    expect(provider.calls).toEqual([]);
  });

  test('calls are made where the host says so', async () => {
    const { gateway } = setUp({ options: { counters: broken, onStoreError: 'open' } });
    expect((await gateway.chat(ask)).text).toBe('ok');
  });

  test('a store that never answers is not waited for', async () => {
    const silent: CounterStore = { ...broken, reserve: () => new Promise(() => undefined) };
    const { gateway } = setUp({ options: { counters: silent, storeTimeoutMs: 20 } });
    expect(await failureOf(() => gateway.chat(ask))).toMatchObject({ code: 'STORAGE' });
  });
});

test('the cost of an attempt that was followed by another one can be put right', async () => {
  let attempt = 0;
  const { gateway, budgets } = setUp({
    script: async function* () {
      attempt += 1;
      yield start;
      if (attempt === 1) throw new ProviderError('OVERLOADED', 'Busy.', { provider: 'scripted' });
      yield* textAnswer('ok').slice(1);
    },
  });
  const retried: string[] = [];
  gateway.on('call-retry', ({ record }) => void retried.push(record.id));
  await gateway.chat(ask);
  await gateway.close();
  const [id = ''] = retried;
  await gateway.correctCost(id, { costUsd: 0.5 });
  await settled(budgets, 0.502);
});

test('the usage of a call without figures is an estimate for the budget too', async () => {
  const { gateway, budgets } = setUp({ script: play([start, ...textBlock('x'), finish(UNKNOWN_USAGE)]) });
  const { cost } = await gateway.chat(ask);
  expect(cost).toMatchObject({ estimated: true });
  await settled(budgets, cost?.costUsd ?? Number.NaN);
});
