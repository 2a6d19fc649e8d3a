import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenThrow,
  playThenWait,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
  textBlock,
} from '../../test/scripted-provider.js';
import { createBudgets } from '../budget/index.js';
import type { ErrorCode } from '../model/errors/error-code.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { ModelInfo } from '../provider/model-info.js';
import { createCoolDown, createHistory } from '../routing/index.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';
import type { GatewayEvents } from './gateway-events.js';

const failing = (code: ErrorCode, provider = 'a'): Script =>
  playThenThrow([], new ProviderError(code, 'It failed.', { provider }));
const model = (id: string, input: number, changes: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  tier: 'economy',
  price: { input, output: input },
  ...changes,
});
const vendor = (
  id: string,
  script: Script,
  models: readonly ModelInfo[] = [model('one', id.charCodeAt(0))],
) => scriptedProvider(script, { id, label: id, models });

const setUp = (scripts: Readonly<Record<string, Script>>, options: GatewayOptions = {}) => {
  const providers = Object.entries(scripts).map(([id, script]) => vendor(id, script));
  const gateway = createGateway({ providers, retry: { minDelayMs: 1, maxDelayMs: 2 }, ...options });
  const calls = (): Record<string, number> =>
    Object.fromEntries(providers.map(({ id, calls: made }) => [id, made.length]));
  return { gateway, calls };
};

describe('when a model fails', () => {
  test.each<ErrorCode>([
    'RATE_LIMITED',
    'OVERLOADED',
    'SERVER_ERROR',
    'NETWORK',
    'TIMEOUT',
    'AUTHENTICATION',
    'QUOTA_EXCEEDED',
    'NOT_FOUND',
    'CONTENT_FILTER',
    'INVALID_RESPONSE',
  ])('the next one answers after a single attempt: %s', async (code) => {
    const { gateway, calls } = setUp({ a: failing(code), b: play(textAnswer('from b')) });
    const events: GatewayEvents['call-retry'][] = [];
    gateway.on('call-retry', (event) => void events.push(event));
    const reply = await gateway.chat({ prompt: 'Hi' });
    expect(reply.text).toBe('from b');
    expect(reply.route).toMatchObject({ provider: 'b', failover: true });
    expect(reply.route.reason).toContain(`after a:one failed (${code})`);
    expect(calls()).toEqual({ a: 1, b: 1 });
    const records = await recordsOf(gateway);
    expect(records.map(({ status, provider, groupId }) => [status, provider, groupId])).toEqual(
      expect.arrayContaining([
        ['retried', 'a', reply.id],
        ['success', 'b', reply.id],
      ]),
    );
    expect(events).toMatchObject([{ id: reply.id, error: { code }, delayMs: 0 }]);
  });

  test.each<ErrorCode>(['BAD_REQUEST', 'REQUEST_TOO_LARGE'])(
    'in a way that any other would too, the call fails at once: %s',
    async (code) => {
      const { gateway, calls } = setUp({ a: failing(code), b: play(textAnswer('x')) });
      expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({ code });
      expect(calls()).toEqual({ a: 1, b: 0 });
    },
  );

  test('that the caller named, nothing stands in unless the policy names it', async () => {
    const scripts = { a: failing('OVERLOADED'), b: play(textAnswer('from b')) };
    const { gateway, calls } = setUp(scripts);
    const asked = { model: 'a:one', prompt: 'Hi' };
    expect(await failureOf(() => gateway.chat(asked))).toMatchObject({ code: 'OVERLOADED' });
    expect(calls()).toEqual({ a: 3, b: 0 });
    const { gateway: other } = setUp(scripts, { routing: { fallbacks: { 'a:one': ['b:one'] } } });
    expect((await other.chat(asked)).text).toBe('from b');
    const alone = { ...asked, routing: { fallback: false } };
    expect(await failureOf(() => other.chat(alone))).toMatchObject({ code: 'OVERLOADED' });
  });

  test('and all others too, the last one is retried and its failure is the failure', async () => {
    const { gateway, calls } = setUp({ a: failing('OVERLOADED'), b: failing('SERVER_ERROR', 'b') });
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({
      code: 'SERVER_ERROR',
      provider: 'b',
    });
    expect(calls()).toEqual({ a: 1, b: 3 });
  });

  test('no more models are tried than the policy allows', async () => {
    const scripts = { a: failing('OVERLOADED'), b: failing('OVERLOADED'), c: play(textAnswer('x')) };
    const { gateway, calls } = setUp(scripts, { routing: { maxAttempts: 2 }, retry: { retries: 0 } });
    await failureOf(() => gateway.chat({ prompt: 'Hi' }));
    expect(calls()).toEqual({ a: 1, b: 1, c: 0 });
  });

  test('after its first output, the stream is never begun anew on another one', async () => {
    const broken = playThenThrow(
      [start, ...textBlock('half')],
      new ProviderError('OVERLOADED', 'Busy.', { provider: 'a' }),
    );
    const { gateway, calls } = setUp({ a: broken, b: play(textAnswer('x')) });
    let seen = '';
    const failure = await failureOf(async () => {
      for await (const event of gateway.stream({ prompt: 'Hi' }))
        if (event.type === 'text-delta') seen += event.delta;
    });
    expect(failure).toMatchObject({ code: 'OVERLOADED' });
    expect(seen).toBe('half');
    expect(calls()).toEqual({ a: 1, b: 0 });
  });

  test('before any output, the caller of a stream sees one answer only', async () => {
    const late = playThenThrow([start], new ProviderError('OVERLOADED', 'Busy.', { provider: 'a' }));
    const { gateway } = setUp({ a: late, b: play(textAnswer('from b')) });
    const types: string[] = [];
    for await (const { type } of gateway.stream({ prompt: 'Hi' })) types.push(type);
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish']);
  });
});

describe('a failure that only some models can help with', () => {
  test('a request that is too long goes to a model with a longer window', async () => {
    const a = vendor('a', failing('CONTEXT_LENGTH'), [model('one', 1, { contextWindow: 8_000 })]);
    const b = vendor('b', play(textAnswer('short')), [model('one', 2, { contextWindow: 4_000 })]);
    const c = vendor('c', play(textAnswer('long')), [model('one', 3, { contextWindow: 200_000 })]);
    const gateway = createGateway({ providers: [a, b, c] });
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('long');
    expect(b.calls).toHaveLength(0);
    const without = createGateway({ providers: [a, b] });
    expect(await failureOf(() => without.chat({ prompt: 'Hi' }))).toMatchObject({ code: 'CONTEXT_LENGTH' });
  });

  test('a key that is refused is refused for all models of its provider', async () => {
    const a = vendor('a', failing('AUTHENTICATION'), [model('one', 1), model('two', 2)]);
    const b = vendor('b', play(textAnswer('from b')), [model('one', 3)]);
    const gateway = createGateway({ providers: [a, b] });
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('from b');
    expect(a.calls).toHaveLength(1);
  });

  test('a budget that has no room for a model may have room for a cheaper one', async () => {
    const dear = vendor('a', play(textAnswer('dear')), [model('one', 1_000)]);
    const cheap = vendor('b', play(textAnswer('cheap')), [model('one', 1)]);
    const gateway = createGateway({
      providers: [{ provider: dear, priority: 1 }, cheap],
      budgets: createBudgets({ limits: [{ id: 'all', limitUsd: 0.01, period: 'day' }], waitForHeldMs: 0 }),
    });
    expect((await gateway.chat({ prompt: 'Hi', maxOutputTokens: 100 })).text).toBe('cheap');
    expect(dear.calls).toHaveLength(0);
  });
});

describe('a call that is cancelled', () => {
  test('is never taken to another model', async () => {
    const { gateway, calls } = setUp({ a: playThenWait([]), b: play(textAnswer('x')) });
    const caller = new AbortController();
    const failure = failureOf(() => gateway.chat({ prompt: 'Hi', signal: caller.signal }));
    setTimeout(() => caller.abort(), 20);
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    expect(calls()).toEqual({ a: 1, b: 0 });
  });

  test('by its total time is not either; a first event that is late is', async () => {
    const scripts = { a: playThenWait([]), b: play(textAnswer('from b')) };
    const { gateway, calls } = setUp(scripts);
    const asked = { prompt: 'Hi', timeLimits: { totalMs: 30 } };
    expect(await failureOf(() => gateway.stream(asked).reply())).toMatchObject({ code: 'TIMEOUT' });
    expect(calls()).toEqual({ a: 1, b: 0 });
    const late = { prompt: 'Hi', timeLimits: { firstEventMs: 30 } };
    expect((await gateway.stream(late).reply()).text).toBe('from b');
  });
});

describe('a provider that has died', () => {
  test('costs each call one failed attempt at most, and none once it is known', async () => {
    let alive = true;
    const dying: Script = (request, context) =>
      alive ? play(textAnswer('from a'))(request, context) : failing('NETWORK')(request, context);
    const { gateway, calls } = setUp({ a: dying, b: play(textAnswer('from b')) });
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('from a');
    alive = false;
    for (let call = 1; call <= 10; call++) {
      const before = calls()['a'] ?? 0;
      expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('from b');
      expect((calls()['a'] ?? 0) - before).toBeLessThanOrEqual(1);
    }
    expect(calls()).toEqual({ a: 4, b: 10 });
    const [skipped] = gateway.routing.coolDown?.list() ?? [];
    expect(skipped).toMatchObject({ provider: 'a', code: 'NETWORK' });
  });

  test('is tried again after a while, by one call', async () => {
    let now = 0;
    let alive = false;
    const dying: Script = (request, context) =>
      alive ? play(textAnswer('from a'))(request, context) : failing('OVERLOADED')(request, context);
    const coolDown = createCoolDown({ failures: 1, baseMs: 1_000, clock: () => now });
    const { gateway, calls } = setUp({ a: dying, b: play(textAnswer('from b')) }, { routing: { coolDown } });
    const text = async (): Promise<string> => (await gateway.chat({ prompt: 'Hi' })).text;
    expect(await text()).toBe('from b');
    expect(await text()).toBe('from b');
    expect(calls()['a']).toBe(1);
    now += 1_001;
    alive = true;
    await text();
    expect(await text()).toBe('from a');
  });

  test('is not held against it that callers cancel or ask wrongly', async () => {
    const { gateway } = setUp({ a: failing('BAD_REQUEST') });
    for (let call = 0; call < 5; call++) await failureOf(() => gateway.chat({ prompt: 'Hi' }));
    expect(gateway.routing.coolDown?.list()).toEqual([]);
  });
});

describe('single-model mode', () => {
  const scripts = { a: failing('OVERLOADED'), b: play(textAnswer('from b')) };

  test('calls no other provider, whatever happens', async () => {
    const { gateway, calls } = setUp(scripts, { routing: { mode: 'single-model', activeProvider: 'a' } });
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({ code: 'OVERLOADED' });
    expect(calls()).toEqual({ a: 3, b: 0 });
  });

  test('lets others stand in where that is allowed, and says so', async () => {
    const { gateway } = setUp(scripts, {
      routing: { mode: 'single-model', activeProvider: 'a', allowFailover: true },
    });
    const decisions: GatewayEvents['call-route'][] = [];
    gateway.on('call-route', (event) => void decisions.push(event));
    const { route } = await gateway.chat({ prompt: 'Hi' });
    expect(route).toMatchObject({ provider: 'b', failover: true });
    expect(decisions).toMatchObject([{ decision: { mode: 'single-model', activeProvider: 'a' } }]);
  });

  test('is switched while calls run', async () => {
    const { gateway } = setUp({ a: play(textAnswer('from a')), b: play(textAnswer('from b')) });
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('from a');
    gateway.routing.setPolicy({ mode: 'single-model', activeProvider: 'b' });
    expect(gateway.routing.policy()).toEqual({ mode: 'single-model', activeProvider: 'b' });
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('from b');
    expect(() => gateway.routing.setPolicy({ mode: 'single-model', activeProvider: '' })).toThrow(
      'activeProvider',
    );
  });
});

describe('history', () => {
  const learning = (): GatewayOptions => ({ routing: { history: createHistory() } });
  const asked = { prompt: 'What is 2+2?' };

  test('is made of how calls end and what their answers look like', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) }, learning());
    await gateway.chat(asked);
    expect(gateway.routing.history?.look('a', 'one', 'simple_qa')).toMatchObject({ successRate: 1 });
    const empty = setUp({ a: play([start, finish()]) }, learning());
    await empty.gateway.chat(asked);
    expect(empty.gateway.routing.history?.look('a', 'one', 'simple_qa')).toMatchObject({ successRate: 0 });
  });

  test('has the failed attempts too, and nothing of answers from the cache', async () => {
    const { gateway } = setUp(
      { a: failing('SERVER_ERROR'), b: play(textAnswer('4')) },
      { cache: {}, ...learning() },
    );
    await gateway.chat(asked);
    await gateway.chat(asked);
    expect((await recordsOf(gateway)).map(({ status, provider }) => [status, provider])).toEqual(
      expect.arrayContaining([
        ['retried', 'a'],
        ['success', 'b'],
      ]),
    );
    const history = gateway.routing.history;
    expect(history?.look('a', 'one', 'simple_qa')).toMatchObject({ successRate: 0 });
    expect(history?.look('b', 'one', 'simple_qa').successRate).toBe(1);
  });

  test('moves cost-aware calls to the cheapest model that does well', async () => {
    const { gateway } = setUp(
      { a: play(textAnswer("I'm sorry, but I can't help with that.")), b: play(textAnswer('4')) },
      { routing: { mode: 'cost-aware' } },
    );
    const answers = new Set<string>();
    for (let call = 0; call < 30; call++) answers.add((await gateway.chat(asked)).route.provider);
    expect([...answers]).toEqual(['a', 'b']);
    expect((await gateway.chat(asked)).route.provider).toBe('b');
  });

  test('learns without a history of the host only while the policy goes by it', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) });
    const calls = (): number | undefined => gateway.routing.history?.look('a', 'one', 'simple_qa').calls;
    await gateway.chat(asked);
    expect(calls()).toBe(0);
    await gateway.chat({ ...asked, routing: { mode: 'cost-aware' } });
    expect(calls()).toBeCloseTo(1, 3);
    gateway.routing.setPolicy({ mode: 'cost-aware' });
    await gateway.chat({ ...asked, model: 'a:one' });
    expect(calls()).toBeCloseTo(2, 3);
  });

  test('is not kept where the host wants none', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) }, { routing: { history: false, coolDown: false } });
    expect((await gateway.chat(asked)).text).toBe('4');
    expect(gateway.routing.history).toBeUndefined();
    expect(gateway.routing.coolDown).toBeUndefined();
  });
});
