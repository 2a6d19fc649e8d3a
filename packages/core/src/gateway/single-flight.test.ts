import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenThrow,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
} from '../../test/scripted-provider.js';
import { type CacheOptions, type CacheStore, memoryCache } from '../cache/index.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelEvent } from '../model/model-event.js';
import { estimateTextTokens } from '../tokens/estimate-tokens.js';
import { createGateway } from './create-gateway.js';

const HI = { model: 'scripted:one', prompt: 'Hi' } as const;

/** A vendor that sends a piece whenever it is told to. */
const setUp = (options: CacheOptions = {}) => {
  let wake: (() => void) | undefined;
  const pending: (ModelEvent | Error)[] = [];
  let aborted = 0;
  const script: Script = async function* (_request, { signal }) {
    signal.addEventListener('abort', () => {
      aborted += 1;
      wake?.();
    });
    for (;;) {
      const next = pending.shift();
      if (signal.aborted) throw signal.reason;
      if (next instanceof Error) throw next;
      if (next !== undefined) {
        yield next;
        if (next.type === 'finish') return;
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const provider = scriptedProvider(script);
  const send = (...events: (ModelEvent | Error)[]): void => {
    pending.push(...events);
    wake?.();
  };
  const gateway = createGateway({ providers: [provider], cache: options, retry: { retries: 0 } });
  return { gateway, provider, send, asked: () => provider.calls.length, aborted: () => aborted };
};
const piece = (delta: string): ModelEvent => ({ type: 'text-delta', id: 't', delta });
const OPEN: readonly ModelEvent[] = [start, { type: 'text-start', id: 't' }];
const CLOSE: readonly ModelEvent[] = [{ type: 'text-end', id: 't' }, finish()];
type Scene = ReturnType<typeof setUp>;

/** Reads a stream and keeps what it got. */
const read = (scene: Scene, limit = Number.POSITIVE_INFINITY) => {
  const got: string[] = [];
  let cache: unknown;
  const stream = scene.gateway.stream(HI);
  const done = (async () => {
    for await (const event of stream) {
      if (event.type === 'stream-start') cache = event.cache;
      if (event.type !== 'text-delta') continue;
      got.push(event.delta);
      if (got.length >= limit) break;
    }
  })();
  return { got, done, stream, cache: () => cache };
};

describe('calls that ask the same at the same time', () => {
  test('share one call, and who comes late misses nothing', async () => {
    const scene = setUp();
    const early = read(scene);
    scene.send(...OPEN, piece('a'), piece('b'));
    await sleep(5);
    const late = read(scene);
    scene.send(piece('c'), ...CLOSE);
    await Promise.all([early.done, late.done]);
    expect(early.got).toEqual(['a', 'b', 'c']);
    expect(late.got).toEqual(['a', 'b', 'c']);
    expect(scene.asked()).toBe(1);
    expect([early.cache(), late.cache()]).toEqual([undefined, 'joined']);
    const records = await recordsOf(scene.gateway);
    expect(records.map(({ id, cache, costUsd, savedUsd }) => [id, cache, costUsd, savedUsd])).toEqual(
      expect.arrayContaining([
        [early.stream.id, null, 0.002, 0],
        [late.stream.id, 'joined', 0, 0.002],
      ]),
    );
    expect(await scene.gateway.ledger.summarize()).toMatchObject([
      { calls: 2, costUsd: 0.002, savedUsd: 0.002 },
    ]);
  });

  test('and one that comes soon after is given the same answer', async () => {
    const scene = setUp({ ttlMs: 1 });
    const first = scene.gateway.chat(HI);
    scene.send(...OPEN, piece('a'), ...CLOSE);
    await first;
    await sleep(5);
    expect(await scene.gateway.chat(HI)).toMatchObject({ text: 'a', cache: 'joined', cost: { costUsd: 0 } });
    expect(scene.asked()).toBe(1);
  });

  test('are apart where the host wants that, or they ask for a fresh answer', async () => {
    for (const [options, cache] of [
      [{ joinDuplicates: false }, undefined],
      [{}, { mode: 'no-cache' }],
      [{}, { mode: 'refresh' }],
    ] as const) {
      const scene = setUp(options);
      const both = [scene.gateway.chat({ ...HI, cache }), scene.gateway.chat({ ...HI, cache })];
      await sleep(1);
      expect(scene.asked()).toBe(2);
      await scene.gateway.close();
      await Promise.allSettled(both);
    }
  });
});

describe('who leaves', () => {
  test('does not end it for the others, even if it was the first', async () => {
    const scene = setUp();
    const first = read(scene, 1);
    const second = read(scene);
    scene.send(...OPEN, piece('a'));
    await first.done;
    scene.send(piece('b'), ...CLOSE);
    await second.done;
    expect(second.got).toEqual(['a', 'b']);
    expect(scene.aborted()).toBe(0);
    // Who stayed pays; who left pays nothing, and nothing is paid twice.
    const records = await recordsOf(scene.gateway);
    const of = (id: string) => records.find((record) => record.id === id);
    expect(of(first.stream.id)).toMatchObject({ status: 'cancelled', costUsd: 0 });
    expect(of(second.stream.id)).toMatchObject({ status: 'success', costUsd: 0.002, savedUsd: 0 });
  });

  test('last ends it, and pays for what was used', async () => {
    const scene = setUp();
    const first = read(scene, 1);
    const second = read(scene, 2);
    scene.send(...OPEN, piece('some words'), piece('more words'));
    await Promise.all([first.done, second.done]);
    await sleep(1);
    expect(scene.aborted()).toBe(1);
    const records = await recordsOf(scene.gateway);
    const tokens = estimateTextTokens('some wordsmore words');
    expect(records.map(({ status, tokensOut }) => [status, tokensOut])).toEqual(
      expect.arrayContaining([
        ['cancelled', 0],
        ['cancelled', tokens],
      ]),
    );
    // The next one begins anew.
    const third = scene.gateway.chat(HI);
    await sleep(1);
    expect(scene.asked()).toBe(2);
    scene.send(...OPEN, piece('x'), ...CLOSE);
    await third;
  });

  test('by its signal or its time limit is told so, at once', async () => {
    const scene = setUp();
    const first = read(scene);
    const caller = new AbortController();
    const second = failureOf(() => scene.gateway.chat({ ...HI, signal: caller.signal }));
    const third = failureOf(() => scene.gateway.chat({ ...HI, timeLimits: { totalMs: 5 } }));
    await sleep(1);
    caller.abort();
    expect(await second).toMatchObject({ code: 'CANCELLED' });
    expect(await third).toMatchObject({ code: 'TIMEOUT' });
    scene.send(...OPEN, piece('a'), ...CLOSE);
    await first.done;
    expect(first.got).toEqual(['a']);
  });
});

test('a failure reaches all who wait, one pays, and the next call begins anew', async () => {
  const scene = setUp();
  const both = [failureOf(() => scene.gateway.chat(HI)), failureOf(() => scene.gateway.chat(HI))];
  scene.send(...OPEN, piece('a'), new MillraceError('SERVER_ERROR', 'Broken.'));
  expect(await Promise.all(both)).toMatchObject([{ code: 'SERVER_ERROR' }, { code: 'SERVER_ERROR' }]);
  const costs = (await recordsOf(scene.gateway)).map(({ costUsd }) => costUsd);
  expect(costs.filter((cost) => cost === 0)).toHaveLength(1);
  const next = scene.gateway.chat(HI);
  await sleep(1);
  expect(scene.asked()).toBe(2);
  scene.send(...OPEN, piece('x'), ...CLOSE);
  await next;
});

test.each<[string, Script]>([
  ['ended', play(textAnswer('x'))],
  ['failed', playThenThrow([start], new MillraceError('SERVER_ERROR', 'Broken.'))],
])(
  'what was asked is let go of once the call has %s, though its answer may still be joined',
  async (_how, script) => {
    // A provider that remembers nothing.
    const provider = { ...scriptedProvider(script), stream: script };
    const gateway = createGateway({ providers: [provider], cache: { store: memoryCache({ maxBytes: 1 }) } });
    const ask = async (): Promise<WeakRef<Uint8Array>> => {
      const data = crypto.getRandomValues(new Uint8Array(1_000));
      const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data } } as const;
      const messages = [{ role: 'user', content: [file] }] as const;
      await gateway.chat({ model: 'scripted:one', messages, retry: { retries: 0 } }).catch(() => undefined);
      return new WeakRef(data);
    };
    const asked: WeakRef<Uint8Array>[] = [];
    for (let count = 0; count < 20; count++) asked.push(await ask());
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await vi.waitFor(() => {
      collect();
      // The engine may still hold the last one.
      expect(asked.filter((data) => data.deref() !== undefined).length).toBeLessThan(2);
    });
    await gateway.close();
  },
);

test('500 streams, coming and going, make one call, and all who stayed got everything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(99)), async (chance) => {
      const scene = setUp();
      const pieces = Array.from({ length: 20 }, (_value, index) => `${index} `);
      const roll = (): number => chance.next().value ?? 0;
      const readers = [read(scene)];
      scene.send(...OPEN);
      for (const text of pieces) {
        // Some leave after a few pieces; the first stays.
        for (let count = 0; count < 25; count++)
          readers.push(read(scene, roll() < 40 ? 1 + (roll() % 5) : undefined));
        scene.send(piece(text));
        if (roll() < 50) await sleep(0);
      }
      scene.send(...CLOSE);
      await Promise.all(readers.map(({ done }) => done));
      expect(scene.asked()).toBe(1);
      expect(readers).toHaveLength(501);
      for (const { got } of readers) expect(got).toEqual(pieces.slice(0, got.length));
      const { rows: records } = await scene.gateway.ledger.list({ limit: 1_000 });
      expect(records).toHaveLength(501);
      const finished = records.filter(({ status }) => status === 'success');
      expect(finished.length).toBeGreaterThan(1);
      expect(records.filter(({ costUsd }) => costUsd !== 0)).toHaveLength(1);
      expect(records.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)).toBeCloseTo(0.002);
    }),
    { numRuns: 5 },
  );
}, 60_000);

test('who comes in the moment in which the last one leaves is answered', async () => {
  /** Waits so many turns of the queue of promises. */
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await undefined;
  };
  const delay = fc.nat(30);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ store: delay, begins: delay, leaves: fc.option(delay) }), {
        minLength: 2,
        maxLength: 6,
      }),
      async (callers) => {
        const provider = scriptedProvider(play(textAnswer('a', 'b')));
        let asked = 0;
        const store: CacheStore = {
          get: () => turns(callers[asked++]?.store ?? 0).then(() => undefined),
          set: () => undefined,
        };
        const gateway = createGateway({ providers: [provider], cache: { store }, retry: { retries: 0 } });
        await Promise.all(
          callers.map(async ({ begins, leaves }) => {
            await turns(begins);
            const caller = new AbortController();
            const reply = gateway.chat({ ...HI, signal: caller.signal });
            if (leaves === null) return expect((await reply).text).toBe('ab');
            void turns(leaves).then(() => caller.abort());
            const outcome = await reply.then(
              ({ text }) => text,
              ({ code }) => code as string,
            );
            return expect(['ab', 'CANCELLED']).toContain(outcome);
          }),
        );
      },
    ),
    { numRuns: 300 },
  );
});
