import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  type Script,
  scriptedProvider,
  served,
  start,
  textAnswer,
  textBlock,
} from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { ModelEvent } from '../model/model-event.js';
import { createGateway } from './create-gateway.js';
import type { GatewayEvents } from './gateway-events.js';
import type { RetryOptions } from './retry-policy.js';

const FAST: RetryOptions = { minDelayMs: 1, maxDelayMs: 2 };
const overloaded = new ProviderError('OVERLOADED', 'Too busy.', { provider: 'scripted' });

/** One behaviour an attempt; the last one goes on for ever. */
const inTurn = (...scripts: readonly (readonly [readonly ModelEvent[], unknown?])[]): Script => {
  let attempt = 0;
  return async function* () {
    const [events, error] = scripts[Math.min(attempt++, scripts.length - 1)] ?? [[]];
    yield* events;
    if (error !== undefined) throw error;
  };
};

const setUp = (script: Script, retry: RetryOptions = FAST) => {
  const provider = scriptedProvider(script);
  const gateway = createGateway({ providers: [provider], retry, defaultModel: 'scripted:one' });
  const retries: GatewayEvents['call-retry'][] = [];
  gateway.on('call-retry', (event) => void retries.push(event));
  return { provider, gateway, retries };
};

describe('a failure that may pass', () => {
  test('is followed by another attempt, twice at most', async () => {
    const { gateway, provider, retries } = setUp(
      inTurn([[], overloaded], [[], overloaded], [textAnswer('ok')]),
    );
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('ok');
    expect(provider.calls).toHaveLength(3);
    expect(retries.map(({ record }) => record.attempt)).toEqual([1, 2]);
    const failing = setUp(inTurn([[], overloaded]));
    expect(await failureOf(() => failing.gateway.chat({ prompt: 'Hi' }))).toBe(overloaded);
    expect(failing.provider.calls).toHaveLength(3);
  });

  test.each([
    ['a vendor error after the answer was accepted', [start, served('one')]],
    ['before anything', []],
  ] as const)('shows the caller one answer only: %s', async (_when, before) => {
    const { gateway } = setUp(inTurn([before, overloaded], [textAnswer('ok')]));
    const types: string[] = [];
    for await (const { type } of gateway.stream({ prompt: 'Hi' })) types.push(type);
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish']);
  });

  test('is not retried once output has reached the caller', async () => {
    const { gateway, provider } = setUp(
      inTurn([[start, ...textBlock('half')], overloaded], [textAnswer('ok')]),
    );
    const seen: string[] = [];
    const failure = await failureOf(async () => {
      for await (const event of gateway.stream({ prompt: 'Hi' }))
        if (event.type === 'text-delta') seen.push(event.delta);
    });
    expect(failure).toBe(overloaded);
    expect(seen).toEqual(['half']);
    expect(provider.calls).toHaveLength(1);
  });

  test('is retried when the answer breaks off before any output', async () => {
    const { gateway, provider } = setUp(inTurn([[start]], [textAnswer('ok')]));
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('ok');
    expect(provider.calls).toHaveLength(2);
  });

  test('is not retried by a request that forbids it', async () => {
    const { gateway, provider } = setUp(inTurn([[], overloaded]));
    await failureOf(() => gateway.chat({ prompt: 'Hi', retry: { retries: 0 } }));
    expect(provider.calls).toHaveLength(1);
  });
});

test.each([
  new MillraceError('AUTHENTICATION', 'No.'),
  new MillraceError('BAD_REQUEST', 'No.'),
  new MillraceError('CONTEXT_LENGTH', 'Too long.'),
  new MillraceError('BUSY', 'Our own limit.'),
  new ProviderError('TIMEOUT', 'Our own time limit.', { provider: 'scripted' }),
])('is not retried: $code', async (error) => {
  const { gateway, provider } = setUp(inTurn([[], error]));
  expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toBe(error);
  expect(provider.calls).toHaveLength(1);
});

test('a time limit that the vendor reports is retried', async () => {
  const error = new ProviderError('TIMEOUT', 'Gateway timeout.', { provider: 'scripted', status: 504 });
  const { gateway, provider } = setUp(inTurn([[], error], [textAnswer('ok')]));
  await gateway.chat({ prompt: 'Hi' });
  expect(provider.calls).toHaveLength(2);
});

describe('the pause', () => {
  const limited = (retryAfterMs: number) =>
    new ProviderError('RATE_LIMITED', 'Slow down.', { provider: 'scripted', retryAfterMs });

  test('is at least as long as the vendor asks', async () => {
    const { gateway, retries } = setUp(inTurn([[], limited(40)], [textAnswer('ok')]));
    const begun = performance.now();
    await gateway.chat({ prompt: 'Hi' });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(39);
    expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(40);
  });

  test('that would be longer than allowed is not made: the call fails at once', async () => {
    for (const retry of [{ maxRetryAfterMs: 1_000 }, {}]) {
      const error = limited(100_000);
      const { gateway, provider } = setUp(inTurn([[], error]), retry);
      expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toBe(error);
      expect(provider.calls).toHaveLength(1);
    }
  });

  test('that would outlast the total time limit is not made', async () => {
    const error = limited(5_000);
    const { gateway } = setUp(inTurn([[], error]));
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi', timeLimits: { totalMs: 4_000 } }))).toBe(error);
  });

  test('ends at once when the caller cancels', async () => {
    const { gateway, provider } = setUp(inTurn([[], limited(30_000)]));
    const caller = new AbortController();
    gateway.on('call-retry', () => setImmediate(() => caller.abort()));
    const failure = await failureOf(() => gateway.chat({ prompt: 'Hi', signal: caller.signal }));
    expect(failure).toMatchObject({ code: 'CANCELLED' });
    expect(provider.calls).toHaveLength(1);
  });

  test('doubles, with chance in it', async () => {
    const { gateway, retries } = setUp(inTurn([[], overloaded]), {
      retries: 4,
      minDelayMs: 4,
      maxDelayMs: 16,
    });
    await failureOf(() => gateway.chat({ prompt: 'Hi' }));
    const bounds = [4, 8, 16, 16];
    expect(retries).toHaveLength(4);
    for (const [index, { delayMs }] of retries.entries()) {
      expect(delayMs).toBeLessThanOrEqual(bounds[index] ?? 0);
      expect(delayMs).toBeGreaterThanOrEqual((bounds[index] ?? 0) / 2);
    }
  });
});

describe('the ledger', () => {
  test('has a record of each attempt, linked, and counts one call', async () => {
    const broken: readonly [readonly ModelEvent[], unknown] = [[start], overloaded];
    const { gateway } = setUp(inTurn(broken, [[], overloaded], [[start, ...textBlock('ok'), finish()]]));
    const { id } = await gateway.chat({ prompt: 'Hi', project: 'atlas' });
    const records = await recordsOf(gateway);
    expect(records.map(({ attempt, status }) => [attempt, status]).toSorted()).toEqual([
      [1, 'retried'],
      [2, 'retried'],
      [3, 'success'],
    ]);
    expect(records.every(({ groupId, project }) => groupId === id && project === 'atlas')).toBe(true);
    expect(new Set(records.map((record) => record.id)).size).toBe(3);
    // Accepted and then failed: charged by an estimate. Refused: free.
    const cost = (attempt: number) => records.find((record) => record.attempt === attempt)?.costUsd;
    expect(cost(1)).toBeGreaterThan(0);
    expect(cost(2)).toBe(0);
    expect(cost(3)).toBe(0.002);
    expect(await gateway.ledger.summarize()).toMatchObject([{ calls: 1, successes: 1 }]);
    expect((await gateway.ledger.list({ groupId: id })).rows).toHaveLength(3);
  });
});

test.each([
  { retries: -1 },
  { retries: 1.5 },
  { retries: 1_000_000 },
  { minDelayMs: Number.NaN },
  { maxRetryAfterMs: -1 },
] as const)('%j is refused', async (retry) => {
  expect(() => createGateway({ retry })).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  const { gateway } = setUp(inTurn([textAnswer('x')]));
  await expect(async () => gateway.chat({ prompt: 'Hi', retry })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});
