import { describe, expect, test } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenWait,
  scriptedProvider,
  start,
  textAnswer,
  textBlock,
} from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelEvent } from '../model/model-event.js';
import type { Logger } from '../telemetry/logger.js';
import { silentLogger } from '../telemetry/logger.js';
import type { Call, NamedStage, Stage } from './call.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';
import { deferred } from './deferred.js';

const setUp = (stages: GatewayOptions['stages'], script = play(textAnswer('a', 'b')), logger?: Logger) => {
  const provider = scriptedProvider(script);
  return {
    provider,
    gateway: createGateway({
      providers: [provider],
      stages,
      logger,
      retry: { retries: 0 },
      defaultModel: 'scripted:one',
    }),
  };
};
const inner =
  (stage: Stage, name = 'mine'): GatewayOptions['stages'] =>
  (builtIn) => [...builtIn, { name, stage }];
const afterRoute =
  (stage: Stage): GatewayOptions['stages'] =>
  (builtIn) =>
    builtIn.flatMap((one) => (one.name === 'route' ? [one, { name: 'mine', stage }] : [one]));
const outer =
  (stage: Stage, name = 'mine'): GatewayOptions['stages'] =>
  (builtIn) => [{ name, stage }, ...builtIn];

/** Events without a provider. */
async function* handOut(...events: readonly ModelEvent[]): AsyncGenerator<ModelEvent> {
  yield* events;
}

/** Changes every piece of text, as a stage that is an async generator does it. */
const shouting: Stage = (next) =>
  async function* (call) {
    for await (const event of next(call)) {
      yield event.type === 'text-delta' ? { ...event, delta: event.delta.toUpperCase() } : event;
    }
  };

test('the built-in stages come with their names, the outermost first', () => {
  let names: string[] = [];
  setUp((builtIn) => {
    names = builtIn.map(({ name }) => name);
    return builtIn;
  });
  expect(names).toEqual(['feedback', 'observe', 'route', 'learn', 'fallback', 'retry']);
});

describe('a stage of the host', () => {
  test.each([
    ['inside the built-in ones', inner(shouting)],
    ['outside them', outer(shouting)],
    [
      'between them',
      ([first, ...rest]: readonly NamedStage[]) => [first!, { name: 'mine', stage: shouting }, ...rest],
    ],
  ])('may change events, %s', async (_where, stages) => {
    const { gateway, provider } = setUp(stages);
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('AB');
    expect(provider.calls).toHaveLength(1);
    expect(await recordOf(gateway)).toMatchObject({ status: 'success', costUsd: 0.002 });
  });

  test('may change the request', async () => {
    const { gateway, provider } = setUp(
      inner((next) => (call) => next({ ...call, request: { ...call.request, temperature: 0 } })),
    );
    await gateway.chat({ prompt: 'Hi' });
    expect(provider.calls[0]?.temperature).toBe(0);
  });

  test('may answer by itself; nothing is sent, and it costs nothing', async () => {
    const stage: Stage = () => () => deferred(async () => handOut(start, ...textBlock('cached'), finish()));
    const { gateway, provider } = setUp(inner(stage));
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('cached');
    expect(provider.calls).toHaveLength(0);
    expect(await recordOf(gateway)).toMatchObject({ status: 'success', costUsd: 0 });
  });

  test('sees the candidates that the router decided, and may choose among them', async () => {
    const { gateway, provider } = setUp(
      afterRoute((next) => (call) => next({ ...call, candidates: call.candidates.toReversed() })),
    );
    const { route } = await gateway.chat({ model: 'auto', prompt: 'Hi' });
    expect(route.model).toBe('two');
    expect(provider.calls[0]?.model).toBe('two');
    expect(await recordOf(gateway)).toMatchObject({ model: 'two', costUsd: 0.02 });
  });

  test('may try again below: the first attempt is aborted, the call is one record', async () => {
    const twice: Stage = (next) =>
      async function* (call) {
        for await (const event of next(call)) if (event.type === 'text-delta') break;
        yield* next(call);
      };
    const { gateway, provider } = setUp(inner(twice));
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('ab');
    expect(provider.contexts.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
  });

  const bug = new TypeError('a bug of the host');
  const failing: readonly (readonly [string, Stage])[] = [
    [
      'when it is called',
      () => () => {
        throw bug;
      },
    ],
    ['while it prepares', () => () => deferred(() => Promise.reject(bug))],
    [
      'on an event',
      (next) =>
        async function* (call) {
          for await (const event of next(call)) {
            if (event.type === 'text-delta') throw bug;
            yield event;
          }
        },
    ],
    [
      'from an iterator that was written by hand',
      (next) => (call) => {
        const events = next(call)[Symbol.asyncIterator]();
        let left = 2;
        return {
          [Symbol.asyncIterator]: () => ({ next: () => (left-- > 0 ? events.next() : Promise.reject(bug)) }),
        };
      },
    ],
  ];

  test.each(failing)(
    'that throws %s fails the call with one of our errors, and one record',
    async (_when, stage) => {
      const { gateway, provider } = setUp(inner(stage), playThenWait(textAnswer('a').slice(0, 3)));
      const failure = await failureOf(() => gateway.chat({ prompt: 'Hi' }));
      expect(failure).toMatchObject({
        code: 'INVALID_RESPONSE',
        retryable: false,
        cause: { message: bug.message },
      });
      expect(await recordOf(gateway)).toMatchObject({ status: 'error', errorCode: 'INVALID_RESPONSE' });
      expect(provider.contexts.every(({ signal }) => signal.aborted)).toBe(true);
    },
  );

  test('that throws one of our errors fails the call with that', async () => {
    const error = new MillraceError('BAD_REQUEST', 'Not today.');
    const { gateway } = setUp(inner(() => () => deferred(() => Promise.reject(error))));
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toBe(error);
  });

  test('that hands out something that is no event does not hang the call', async () => {
    const { gateway } = setUp(outer(() => () => handOut(undefined as never)));
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({ code: 'INVALID_RESPONSE' });
  });
});

describe('the built-in stages', () => {
  test('may be dropped: without observe there is no record', async () => {
    const { gateway } = setUp((builtIn) => builtIn.filter(({ name }) => name !== 'observe'));
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('ab');
    expect(await recordsOf(gateway)).toEqual([]);
  });

  test('may be dropped: without route the call says what is missing', async () => {
    const { gateway } = setUp((builtIn) => builtIn.filter(({ name }) => name !== 'route'));
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({
      code: 'NO_PROVIDER',
      message: expect.stringContaining('route stage'),
    });
  });

  test('may be replaced', async () => {
    const fixed: Stage = (next) => (call) =>
      next({ ...call, candidates: [{ provider: 'scripted', model: 'two', reason: 'always' }] });
    const { gateway, provider } = setUp((builtIn) =>
      builtIn.map((one) => (one.name === 'route' ? { name: 'route', stage: fixed } : one)),
    );
    const { route } = await gateway.chat({ model: 'whatever', prompt: 'Hi' });
    expect(route).toEqual({ provider: 'scripted', model: 'two', reason: 'always' });
    expect(provider.calls).toHaveLength(1);
    expect(await recordOf(gateway)).toMatchObject({ model: 'two', routeReason: 'always' });
  });

  test('may change places', async () => {
    const { gateway } = setUp((builtIn) => builtIn.toReversed());
    await gateway.chat({ prompt: 'Hi' });
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
  });
});

describe('a watcher', () => {
  const watching =
    (watch: (call: Call) => void): Stage =>
    (next) =>
    (call) => {
      watch(call);
      return next(call);
    };

  test('sees every event before the caller does, and the end once; watchers go in the order of their stages', async () => {
    const seen: string[] = [];
    const named = (name: string): NamedStage => ({
      name,
      stage: watching((call) =>
        call.watch({
          event: ({ type }) => void seen.push(`${name} ${type}`),
          end: ({ status }) => void seen.push(`${name} ${status}`),
        }),
      ),
    });
    const { gateway } = setUp(
      (builtIn) => [named('outer'), ...builtIn, named('inner')],
      play([start, finish()]),
    );
    for await (const event of gateway.stream({ prompt: 'Hi' })) seen.push(`caller ${event.type}`);
    expect(seen).toEqual([
      'outer stream-start',
      'inner stream-start',
      'caller stream-start',
      'outer finish',
      'inner finish',
      'outer success',
      'inner success',
      'caller finish',
    ]);
  });

  test('that throws is logged, and harms neither the call nor its record nor the other watchers', async () => {
    const lines: string[] = [];
    const logger: Logger = { ...silentLogger, error: (_fields, message) => void lines.push(message) };
    const ends: string[] = [];
    const fail = (): never => {
      throw new Error('a bug of the host');
    };
    const stages: GatewayOptions['stages'] = (builtIn) => [
      { name: 'bad', stage: watching((call) => call.watch({ event: fail, end: fail })) },
      ...builtIn,
      {
        name: 'good',
        stage: watching((call) => call.watch({ end: ({ status }) => void ends.push(status) })),
      },
    ];
    const { gateway } = setUp(stages, undefined, logger);
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('ab');
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
    expect(ends).toEqual(['success']);
    expect(lines).toHaveLength(textAnswer('a', 'b').length + 1);
    expect(lines[0]).toContain('watcher');
  });

  test('is told of a failure with its error', async () => {
    const outcomes: unknown[] = [];
    const stage = watching((call) => call.watch({ end: (outcome) => void outcomes.push(outcome) }));
    const { gateway } = setUp(inner(stage), play([start]));
    const failure = await failureOf(() => gateway.chat({ prompt: 'Hi' }));
    expect(outcomes).toEqual([{ status: 'interrupted', error: failure }]);
  });
});
