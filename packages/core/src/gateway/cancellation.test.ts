import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
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
import { createGateway } from './create-gateway.js';

const BEGUN: readonly ModelEvent[] = [start, ...textBlock('half an answer')];
const COST_OF_HALF = { estimated: true, costUsd: expect.any(Number), tokensOut: expect.any(Number) };

const setUp = (script: Script) => {
  const provider = scriptedProvider(script);
  const gateway = createGateway({
    providers: [provider],
    retry: { retries: 0 },
    defaultModel: 'scripted:one',
  });
  const upstream = (): AbortSignal => {
    const signal = provider.contexts[0]?.signal;
    if (signal === undefined) throw new Error('The provider was not called.');
    return signal;
  };
  return { provider, gateway, upstream };
};
/** Let everything that is ready run. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const done = { done: true, value: undefined };

describe("the caller's signal", () => {
  test('that was aborted before the call sends nothing and keeps one record', async () => {
    const reason = new Error('too late');
    for (const operation of ['chat', 'stream'] as const) {
      const { gateway, provider } = setUp(play(textAnswer('x')));
      const request = { prompt: 'Hi', signal: AbortSignal.abort(reason) };
      const failure = await failureOf(() =>
        operation === 'chat' ? gateway.chat(request) : gateway.stream(request).next(),
      );
      expect(failure).toMatchObject({ code: 'CANCELLED', cause: reason, retryable: false });
      await settle();
      expect(provider.calls).toHaveLength(0);
      expect(await recordOf(gateway)).toMatchObject({
        status: 'cancelled',
        errorCode: 'CANCELLED',
        costUsd: 0,
        operation,
      });
    }
  });

  test('cancels before the first event; what was sent is accounted for', async () => {
    const { gateway, upstream } = setUp(playThenWait([]));
    const caller = new AbortController();
    const failure = failureOf(() => gateway.chat({ model: 'one', prompt: 'Hi', signal: caller.signal }));
    await settle();
    caller.abort();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    expect(upstream().aborted).toBe(true);
    expect(upstream().reason).toBe(await failure);
    expect(await recordOf(gateway)).toMatchObject({
      status: 'cancelled',
      tokensIn: expect.any(Number),
      tokensOut: 0,
      estimated: true,
      costUsd: expect.any(Number),
      timeToFirstTokenMs: null,
    });
  });

  test('cancels in the middle of an answer', async () => {
    const { gateway, upstream } = setUp(playThenWait(BEGUN));
    const caller = new AbortController();
    const seen: string[] = [];
    const failure = await failureOf(async () => {
      for await (const event of gateway.stream({ prompt: 'Hi', signal: caller.signal })) {
        seen.push(event.type);
        if (event.type === 'text-end') setImmediate(() => caller.abort());
      }
    });
    expect(failure).toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual(BEGUN.map(({ type }) => type));
    expect(upstream().aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled', ...COST_OF_HALF });
  });

  test('cancels while nobody pulls: it is recorded at once, and thrown once by the next pull', async () => {
    const { gateway, upstream } = setUp(playThenWait(BEGUN));
    const caller = new AbortController();
    const stream = gateway.stream({ prompt: 'Hi', signal: caller.signal });
    await stream.next();
    caller.abort();
    expect(upstream().aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
    expect(await failureOf(() => stream.next())).toMatchObject({ code: 'CANCELLED' });
    expect(await stream.next()).toEqual(done);
    expect(await failureOf(() => stream.reply())).toMatchObject({ code: 'CANCELLED' });
  });

  test('does not wait for a provider that takes no notice', async () => {
    const { gateway } = setUp(() => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
        return: () => new Promise<never>(() => undefined),
      }),
    }));
    const caller = new AbortController();
    const failure = failureOf(() => gateway.chat({ prompt: 'Hi', signal: caller.signal }));
    await settle();
    caller.abort();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
  });

  test('does not wait for a source of keys that takes no notice', async () => {
    const provider = scriptedProvider(play(textAnswer('x')), { credential: { required: true } });
    const gateway = createGateway({
      providers: [provider],
      credentials: { get: () => new Promise<never>(() => undefined) },
    });
    const caller = new AbortController();
    const failure = failureOf(() => gateway.chat({ model: 'one', prompt: 'Hi', signal: caller.signal }));
    await settle();
    caller.abort();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled', costUsd: 0 });
  });

  test('does nothing after the answer', async () => {
    const { gateway, upstream } = setUp(play(textAnswer('x')));
    const caller = new AbortController();
    await gateway.chat({ prompt: 'Hi', signal: caller.signal });
    await settle();
    caller.abort();
    expect(upstream().aborted).toBe(false);
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
  });

  test('has no listener left after 1,000 calls of every ending', async () => {
    const { gateway } = setUp((request, context) => {
      const { content } = request.messages[0]!;
      const [part] = content as readonly { text: string }[];
      if (part?.text === 'fail') throw new TypeError('no');
      return part?.text === 'cut' ? play(BEGUN)(request, context) : play(textAnswer('x'))(request, context);
    });
    const { signal } = new AbortController();
    const endings: readonly ((index: number) => Promise<unknown>)[] = [
      () => gateway.chat({ prompt: 'ok', signal }),
      () => failureOf(() => gateway.chat({ prompt: 'fail', signal })),
      () => failureOf(() => gateway.chat({ prompt: 'cut', signal })),
      () => failureOf(() => gateway.chat({ model: 'nonsense', prompt: 'x', signal })),
      async () => {
        for await (const _ of gateway.stream({ prompt: 'ok', signal })) break;
      },
    ];
    for (let index = 0; index < 1_000; index++) await endings[index % endings.length]!(index);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(await gateway.ledger.summarize()).toMatchObject([{ calls: 1_000, successes: 200 }]);
  });
});

describe('leaving the loop', () => {
  test('cancels upstream at once and keeps one record', async () => {
    const { gateway, upstream } = setUp(playThenWait(BEGUN));
    for await (const event of gateway.stream({ prompt: 'Hi' })) if (event.type === 'text-delta') break;
    expect(upstream().aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled', ...COST_OF_HALF });
  });

  test('by an error of the caller does the same', async () => {
    const { gateway, upstream } = setUp(playThenWait(BEGUN));
    const failure = await failureOf(async () => {
      for await (const _ of gateway.stream({ prompt: 'Hi' })) throw new Error('mine');
    });
    expect(failure).toMatchObject({ message: 'mine' });
    expect(upstream().aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
  });

  test('by the end of a scope does the same', async () => {
    const { gateway, upstream } = setUp(playThenWait(BEGUN));
    {
      await using stream = gateway.stream({ prompt: 'Hi' });
      await stream.next();
    }
    expect(upstream().aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
  });

  test('after the answer cancels nothing', async () => {
    const { gateway, upstream } = setUp(play(textAnswer('x')));
    for await (const event of gateway.stream({ prompt: 'Hi' })) if (event.type === 'finish') break;
    expect(upstream().aborted).toBe(false);
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
  });

  test('before the first pull leaves no trace', async () => {
    const { gateway, provider } = setUp(play(textAnswer('x')));
    const stream = gateway.stream({ prompt: 'Hi' });
    await stream.return();
    expect(await stream.next()).toEqual(done);
    expect(provider.calls).toHaveLength(0);
    expect(await recordsOf(gateway)).toHaveLength(0);
  });

  test('while a pull is under way ends that pull, too', async () => {
    const { gateway, upstream } = setUp(playThenWait(BEGUN));
    const stream = gateway.stream({ prompt: 'Hi' });
    for (const _ of BEGUN) await stream.next();
    const pending = stream.next();
    expect(await stream.return()).toEqual(done);
    expect(await pending).toEqual(done);
    expect(upstream().aborted).toBe(true);
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
    expect(await failureOf(() => stream.reply())).toMatchObject({ code: 'CANCELLED' });
  });

  test('runs the clean-up of the provider', async () => {
    let cleaned = false;
    const { gateway } = setUp(async function* () {
      try {
        yield* BEGUN;
      } finally {
        cleaned = true;
      }
    });
    for await (const _ of gateway.stream({ prompt: 'Hi' })) break;
    await settle();
    expect(cleaned).toBe(true);
  });

  test('does no harm when the provider fails to clean up', async () => {
    for (const failing of [
      () => Promise.reject(new Error('no')),
      () => undefined as never,
      () => {
        throw new Error('no');
      },
    ]) {
      const { gateway } = setUp(() => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: start }),
          return: failing,
        }),
      }));
      for await (const _ of gateway.stream({ prompt: 'Hi' })) break;
      await settle();
      expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
    }
  });
});

describe('closing the gateway', () => {
  test('cancels what is running, with a record each', async () => {
    const { gateway, provider } = setUp(playThenWait(BEGUN));
    const failures = Promise.all([
      failureOf(() => gateway.chat({ prompt: 'a' })),
      failureOf(() => gateway.stream({ prompt: 'b' }).reply()),
    ]);
    await settle();
    await gateway.close();
    expect(await failures).toMatchObject([{ code: 'CANCELLED' }, { code: 'CANCELLED' }]);
    expect(provider.contexts.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(await recordsOf(gateway)).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }]);
  });
});

describe('pulls that overlap', () => {
  test('get the events in order, and the end after them', async () => {
    const { gateway } = setUp(play(textAnswer('a', 'b', 'c')));
    const stream = gateway.stream({ prompt: 'Hi' });
    const results = await Promise.all(Array.from({ length: 10 }, () => stream.next()));
    const events = results.flatMap((result) => (result.done === true ? [] : [result.value]));
    expect(events.map(({ type }) => type)).toEqual(textAnswer('a', 'b', 'c').map(({ type }) => type));
    expect(events.flatMap((event) => (event.type === 'text-delta' ? [event.delta] : []))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(results.slice(7)).toEqual([done, done, done]);
  });

  test('fail once and then end', async () => {
    const { gateway } = setUp(play([start, { type: 'text-start', id: 't' }]));
    const stream = gateway.stream({ prompt: 'Hi' });
    const pulls = [stream.next(), stream.next(), stream.next(), stream.next()];
    const results = await Promise.allSettled(pulls);
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { done: false } },
      { status: 'fulfilled', value: { done: false } },
      { status: 'rejected', reason: { code: 'INTERRUPTED' } },
      { status: 'fulfilled', value: { done: true } },
    ]);
    expect(await failureOf(() => stream.reply())).toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('after the answer', () => {
  test('the provider may read what is left, without making the caller wait', async () => {
    let tidied = false;
    const { gateway, upstream } = setUp(async function* () {
      yield* textAnswer('x');
      await settle();
      tidied = true;
    });
    await gateway.chat({ prompt: 'Hi' });
    expect(tidied).toBe(false);
    await settle();
    await settle();
    expect(tidied).toBe(true);
    expect(upstream().aborted).toBe(false);
  });

  test('a failure of the provider is of no interest', async () => {
    const { gateway } = setUp(async function* () {
      yield* textAnswer('x');
      throw new Error('late');
    });
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('x');
    await settle();
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
  });
});
