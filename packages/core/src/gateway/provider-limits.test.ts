import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  failureOf,
  playThenWait,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
} from '../../test/scripted-provider.js';
import type { ProviderLimits } from '../provider/provider-limits.js';
import { createRegistry } from '../provider/registry.js';
import { createGateway } from './create-gateway.js';

/** A provider that counts how many of its answers run at once. */
const setUp = (
  limits: ProviderLimits,
  answer: Script = async function* () {
    await sleep(5);
    yield* textAnswer('ok');
  },
) => {
  let running = 0;
  let most = 0;
  const provider = scriptedProvider(async function* (request, context) {
    running += 1;
    most = Math.max(most, running);
    try {
      yield* answer(request, context);
    } finally {
      running -= 1;
    }
  });
  const gateway = createGateway({
    providers: [{ provider, limits }],
    retry: { retries: 0 },
    defaultModel: 'scripted:one',
  });
  return { gateway, provider, most: () => most, running: () => running };
};
const chat = (gateway: ReturnType<typeof setUp>['gateway'], signal?: AbortSignal) =>
  gateway.chat({ prompt: 'Hi', signal });

describe('concurrency', () => {
  test('is never above the limit, and all are served in the end', async () => {
    const { gateway, most } = setUp({ concurrency: 3 });
    const replies = await Promise.all(Array.from({ length: 20 }, () => chat(gateway)));
    expect(replies.every(({ text }) => text === 'ok')).toBe(true);
    expect(most()).toBe(3);
  });

  test('is given back by failures, cancellations and readers that leave', async () => {
    const endings: Script[] = [
      async function* () {
        yield start;
        throw new Error('broken');
      },
      playThenWait([]),
      async function* (_request, { signal }) {
        yield* textAnswer('one').slice(0, 3);
        await sleep(10_000, undefined, { signal }).catch(() => undefined);
      },
    ];
    let turn = 0;
    const { gateway, running } = setUp({ concurrency: 1 }, (request, context) =>
      (
        endings[turn++] ??
        (() =>
          (async function* () {
            yield* textAnswer('ok');
          })())
      )(request, context),
    );
    await failureOf(() => chat(gateway));
    const caller = new AbortController();
    const cancelled = failureOf(() => chat(gateway, caller.signal));
    await sleep(5);
    caller.abort();
    await cancelled;
    for await (const event of gateway.stream({ prompt: 'Hi' })) if (event.type === 'text-delta') break;
    expect((await chat(gateway)).text).toBe('ok');
    expect(running()).toBe(0);
  });

  test('a call that is cancelled while it waits never reaches the provider', async () => {
    const { gateway, provider } = setUp({ concurrency: 1 }, playThenWait([]));
    const first = new AbortController();
    const running = failureOf(() => chat(gateway, first.signal));
    await sleep(1);
    const second = new AbortController();
    const waiting = failureOf(() => chat(gateway, second.signal));
    await sleep(1);
    second.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELLED' });
    first.abort();
    await running;
    expect(provider.calls).toHaveLength(1);
  });
});

describe('a call that finds no place', () => {
  const blocked = async (limits: ProviderLimits) => {
    const { gateway } = setUp({ concurrency: 1, ...limits }, playThenWait([]));
    const caller = new AbortController();
    const running = failureOf(() => chat(gateway, caller.signal));
    await sleep(1);
    const failure = await failureOf(() => chat(gateway));
    caller.abort();
    await running;
    return failure;
  };

  test('fails when it has waited long enough', async () => {
    expect(await blocked({ maxWaitMs: 10 })).toMatchObject({
      code: 'BUSY',
      retryable: true,
      details: { provider: 'scripted' },
    });
  });

  test('fails at once when too many are waiting', async () => {
    expect(await blocked({ maxWaiting: 0 })).toMatchObject({ code: 'BUSY' });
  });
});

test('no more calls than allowed begin within a minute', async () => {
  const { gateway, provider } = setUp({ requestsPerMinute: 3, maxWaitMs: 50 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => chat(gateway)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  expect(provider.calls).toHaveLength(3);
});

test('two gateways over one registry share its limits', async () => {
  const provider = scriptedProvider(playThenWait([]));
  const registry = createRegistry({ providers: [{ provider, limits: { concurrency: 1, maxWaiting: 0 } }] });
  const [one, two] = [createGateway({ registry }), createGateway({ registry })];
  const caller = new AbortController();
  const running = failureOf(() => one.chat({ prompt: 'Hi', signal: caller.signal }));
  await sleep(1);
  expect(await failureOf(() => two.chat({ prompt: 'Hi' }))).toMatchObject({ code: 'BUSY' });
  caller.abort();
  await running;
});

test.each([{ concurrency: 0 }, { requestsPerMinute: 1.5 }, { maxWaitMs: -1 }, { maxWaiting: Number.NaN }])(
  '%j is refused',
  (limits) => {
    const provider = scriptedProvider(playThenWait([]));
    expect(() => createRegistry({ providers: [{ provider, limits }] })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
  },
);
