import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordOf } from '../../test/record-of.js';
import {
  failureOf,
  play,
  playThenWait,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
  textBlock,
} from '../../test/scripted-provider.js';
import type { ModelEvent } from '../model/model-event.js';
import type { TimeLimits } from './chat-request.js';
import { createGateway } from './create-gateway.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const BEGUN: readonly ModelEvent[] = [start, ...textBlock('half')];

/** A provider that ignores its signal: after the events it never says anything again. */
const deaf = (events: readonly ModelEvent[]): Script =>
  async function* () {
    yield* events;
    await new Promise(() => undefined);
  };

const setUp = (script: Script, timeLimits?: TimeLimits) => {
  const provider = scriptedProvider(script);
  return {
    provider,
    gateway: createGateway({
      providers: [provider],
      timeLimits,
      retry: { retries: 0 },
      defaultModel: 'scripted:one',
    }),
  };
};

describe.each([
  ['that heeds its signal', playThenWait],
  ['that ignores its signal', deaf],
])('a provider %s', (_what, silent) => {
  test('is given up when the first event does not come', async () => {
    const { gateway, provider } = setUp(silent([]), { firstEventMs: 1_000 });
    const failure = failureOf(() => gateway.stream({ prompt: 'Hi' }).next());
    await vi.advanceTimersByTimeAsync(999);
    expect(provider.contexts[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failure).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
      provider: 'scripted',
      message: expect.stringContaining('1000 ms'),
    });
    expect(provider.contexts[0]?.signal.aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'error', errorCode: 'TIMEOUT', estimated: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is given up when nothing more comes', async () => {
    const { gateway, provider } = setUp(silent(BEGUN), { firstEventMs: 60_000, idleMs: 1_000 });
    const failure = failureOf(() => gateway.stream({ prompt: 'Hi' }).reply());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await failure).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('nothing more'),
    });
    expect(provider.contexts[0]?.signal.aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({
      status: 'error',
      errorCode: 'TIMEOUT',
      estimated: true,
      tokensOut: expect.any(Number),
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is given up when the whole takes too long', async () => {
    const { gateway, provider } = setUp(silent(BEGUN), { totalMs: 5_000, idleMs: 0 });
    const failure = failureOf(() => gateway.chat({ prompt: 'Hi' }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await failure).toMatchObject({ code: 'TIMEOUT', provider: 'scripted', model: 'one' });
    expect(provider.contexts[0]?.signal.aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'error', errorCode: 'TIMEOUT', estimated: true });
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a call that nobody reads any more ends and is recorded when its time is over', async () => {
  const { gateway, provider } = setUp(deaf(BEGUN), { totalMs: 5_000 });
  const stream = gateway.stream({ prompt: 'Hi' });
  await stream.next();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(provider.contexts[0]?.signal.aborted).toBe(true);
  expect(await recordOf(gateway)).toMatchObject({ status: 'error', errorCode: 'TIMEOUT' });
  expect(await failureOf(() => stream.next())).toMatchObject({ code: 'TIMEOUT' });
});

test('a source of keys that never answers is given up with the call', async () => {
  const provider = scriptedProvider(play(textAnswer('x')), { credential: { required: true } });
  const gateway = createGateway({
    providers: [provider],
    credentials: { get: () => new Promise<never>(() => undefined) },
  });
  const failure = failureOf(() => gateway.chat({ prompt: 'Hi' }));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(await failure).toMatchObject({ code: 'TIMEOUT' });
  expect(await recordOf(gateway)).toMatchObject({ status: 'error', costUsd: 0 });
});

test('a provider that is slow to begin may say so', async () => {
  const provider = scriptedProvider(playThenWait([]), { firstEventMs: 300_000 });
  const gateway = createGateway({
    providers: [provider],
    retry: { retries: 0 },
    defaultModel: 'scripted:one',
  });
  const failure = failureOf(() => gateway.stream({ prompt: 'Hi' }).next());
  await vi.advanceTimersByTimeAsync(299_999);
  expect(provider.contexts[0]?.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await failure).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('300000 ms') });
});

test('a slow reader does not trip the idle limit', async () => {
  const { gateway } = setUp(play(textAnswer('a', 'b', 'c')), { idleMs: 1_000, firstEventMs: 1_000 });
  const read = (async () => {
    let text = '';
    for await (const event of gateway.stream({ prompt: 'Hi' })) {
      if (event.type === 'text-delta') text += event.delta;
      await wait(10_000);
    }
    return text;
  })();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(await read).toBe('abc');
  expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
});

test('a provider that keeps sending does not trip the idle limit', async () => {
  const { gateway } = setUp(
    async function* () {
      for (const event of textAnswer(...'abcdefghij')) {
        await wait(900);
        yield event;
      }
    },
    { idleMs: 1_000, firstEventMs: 1_000 },
  );
  const reply = gateway.stream({ prompt: 'Hi' }).reply();
  await vi.advanceTimersByTimeAsync(20_000);
  expect((await reply).text).toBe('abcdefghij');
  expect(vi.getTimerCount()).toBe(0);
});

describe('the limits', () => {
  const silentAfter = async (
    ms: number,
    operation: 'chat' | 'stream',
    limits: TimeLimits = {},
    own?: TimeLimits,
  ) => {
    const { gateway } = setUp(deaf([]), limits);
    const request = { prompt: 'Hi', timeLimits: own };
    let failure: unknown;
    const run = operation === 'chat' ? gateway.chat(request) : gateway.stream(request).next();
    run.catch((error: unknown) => {
      failure = error;
    });
    await vi.advanceTimersByTimeAsync(ms);
    return failure;
  };
  const timeout = expect.objectContaining({ code: 'TIMEOUT' });

  test('are two minutes to the first event of a stream, unless set', async () => {
    expect(await silentAfter(119_999, 'stream')).toBeUndefined();
    expect(await silentAfter(120_000, 'stream')).toEqual(timeout);
  });

  test('are ten minutes for a whole chat, whose first event is the whole answer', async () => {
    expect(await silentAfter(599_999, 'chat')).toBeUndefined();
    expect(await silentAfter(600_000, 'chat')).toEqual(timeout);
  });

  test('of a request go before those of the gateway, one by one', async () => {
    const own = { firstEventMs: 50, idleMs: undefined };
    expect(await silentAfter(50, 'stream', { firstEventMs: 5_000 }, own)).toEqual(timeout);
    expect(await silentAfter(49, 'stream', { firstEventMs: 5_000 }, own)).toBeUndefined();
    expect(await silentAfter(50, 'stream', { firstEventMs: 50 }, { firstEventMs: undefined })).toEqual(
      timeout,
    );
  });

  test('of zero are none', async () => {
    expect(
      await silentAfter(86_400_000, 'stream', { firstEventMs: 0, idleMs: 0, totalMs: 0 }),
    ).toBeUndefined();
  });

  test('leave no timer behind after an answer, a failure or a cancellation', async () => {
    const caller = new AbortController();
    await setUp(play(textAnswer('x'))).gateway.chat({ prompt: 'Hi' });
    await failureOf(() => setUp(play([start])).gateway.chat({ prompt: 'Hi' }));
    const cancelled = failureOf(() =>
      setUp(deaf(BEGUN)).gateway.chat({ prompt: 'Hi', signal: caller.signal }),
    );
    await vi.advanceTimersByTimeAsync(1);
    caller.abort();
    await cancelled;
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a provider that does not end after its answer is aborted, and the caller has the answer long before', async () => {
  const { gateway, provider } = setUp(playThenWait(textAnswer('x')));
  expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('x');
  expect(provider.contexts[0]?.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(provider.contexts[0]?.signal.aborted).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
});
