import { describe, expect, test } from 'vitest';
import { recordOf } from '../../test/record-of.js';
import {
  failureOf,
  play,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
} from '../../test/scripted-provider.js';
import { type Logger, silentLogger } from '../telemetry/logger.js';
import { createGateway } from './create-gateway.js';
import type { Gateway } from './gateway.js';
import type { GatewayEvents } from './gateway-events.js';

const NAMES = ['call-start', 'call-route', 'call-first-token', 'call-end'] as const;
type Heard = { [Name in keyof GatewayEvents]: readonly [Name, GatewayEvents[Name]] }[keyof GatewayEvents];

const setUp = (script: Script = play(textAnswer('a', 'b')), logger?: Logger) =>
  createGateway({
    providers: [scriptedProvider(script)],
    logger,
    retry: { retries: 0 },
    defaultModel: 'scripted:one',
  });
const listen = (gateway: Gateway): Heard[] => {
  const heard: Heard[] = [];
  for (const name of NAMES) gateway.on(name, (event) => void heard.push([name, event] as Heard));
  return heard;
};

describe('the events of a call', () => {
  test('come in order and belong together', async () => {
    const gateway = setUp();
    const heard = listen(gateway);
    const { id } = await gateway.chat({ model: 'auto', prompt: 'Hi', project: 'atlas' });
    expect(heard).toMatchObject([
      ['call-start', { id, operation: 'chat', requestedModel: 'auto', labels: { project: 'atlas' } }],
      [
        'call-route',
        { id, decision: { requested: 'auto', candidates: [{ model: 'one' }, { model: 'two' }] } },
      ],
      ['call-first-token', { id, timeToFirstTokenMs: expect.any(Number) }],
      ['call-end', { record: { id, status: 'success' } }],
    ]);
    const [, end] = heard.at(-1)!;
    expect(end).toEqual({ record: await recordOf(gateway), error: undefined });
  });

  test('of a call that fails before its route lack what never happened', async () => {
    const gateway = setUp();
    const heard = listen(gateway);
    const error = await failureOf(() => gateway.chat({ model: 'nonsense', prompt: 'Hi' }));
    expect(heard.map(([name]) => name)).toEqual(['call-start', 'call-end']);
    expect(heard[1]).toMatchObject(['call-end', { record: { status: 'error' }, error }]);
  });

  test('come before the caller sees what they tell of', async () => {
    const gateway = setUp();
    const heard = listen(gateway);
    const stream = gateway.stream({ prompt: 'Hi' });
    expect(heard).toEqual([]);
    for await (const event of stream) {
      if (event.type === 'text-delta') expect(heard.at(-1)?.[0]).toBe('call-first-token');
      if (event.type === 'finish') expect(heard.at(-1)?.[0]).toBe('call-end');
    }
  });

  test('hold no prompt and no answer', async () => {
    const gateway = setUp(play(textAnswer('the answer')));
    const heard = listen(gateway);
    await gateway.chat({ system: 'the system prompt', prompt: 'the user prompt' });
    expect(JSON.stringify(heard)).not.toMatch(/the (answer|system prompt|user prompt)/);
  });
});

describe('a listener', () => {
  test('hears nothing more once it is taken off', async () => {
    const gateway = setUp();
    let count = 0;
    const listener = (): void => void count++;
    const off = gateway.on('call-end', listener);
    gateway.on('call-end', listener);
    await gateway.chat({ prompt: 'Hi' });
    off();
    off();
    await gateway.chat({ prompt: 'Hi' });
    expect(count).toBe(3);
  });

  test.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('a bug of the host');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug of the host'))],
  ])('that %s is logged and harms neither the call nor the other listeners', async (_how, listener) => {
    const lines: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (fields, message) => void lines.push([fields['event'], message]),
    };
    const gateway = setUp(undefined, logger);
    for (const name of NAMES) gateway.on(name, listener);
    const heard = listen(gateway);
    expect((await gateway.chat({ prompt: 'Hi' })).text).toBe('ab');
    expect(heard).toHaveLength(4);
    expect(lines).toEqual(NAMES.map((name) => [name, 'a listener failed']));
    expect(await recordOf(gateway)).toMatchObject({ status: 'success' });
  });

  test('may cancel the call that it hears of', async () => {
    const gateway = setUp();
    const caller = new AbortController();
    gateway.on('call-first-token', () => caller.abort());
    const failure = await failureOf(() => gateway.chat({ prompt: 'Hi', signal: caller.signal }));
    expect(failure).toMatchObject({ code: 'CANCELLED' });
    expect(await recordOf(gateway)).toMatchObject({
      status: 'cancelled',
      timeToFirstTokenMs: expect.any(Number),
    });
  });
});

describe('the log', () => {
  const logged = async (script: Script, abort = false) => {
    const lines: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (fields, message) => void lines.push({ ...fields, message }),
    };
    const caller = new AbortController();
    const gateway = setUp(script, logger);
    if (abort) gateway.on('call-first-token', () => caller.abort());
    await gateway.chat({ model: 'one', prompt: 'Hi', signal: caller.signal }).catch(() => undefined);
    return { lines, record: await recordOf(gateway) };
  };

  test('has one warning for a call that failed', async () => {
    const { lines, record } = await logged(play([start]));
    expect(lines).toEqual([
      {
        callId: record.id,
        provider: 'scripted',
        model: 'one',
        code: 'INTERRUPTED',
        error: expect.any(String),
        message: 'a call failed',
      },
    ]);
  });

  test('has none for a success or a cancellation', async () => {
    expect((await logged(play(textAnswer('x')))).lines).toEqual([]);
    expect((await logged(play(textAnswer('x')), true)).lines).toEqual([]);
  });

  test('that fails harms no call', async () => {
    const broken = (): never => {
      throw new Error('disk full');
    };
    const gateway = setUp(play([start]), { debug: broken, info: broken, warn: broken, error: broken });
    const heard = listen(gateway);
    gateway.on('call-start', () => {
      throw new Error('a bug of the host');
    });
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({ code: 'INTERRUPTED' });
    expect(heard.at(-1)?.[0]).toBe('call-end');
    expect(await recordOf(gateway)).toMatchObject({ status: 'interrupted' });
  });
});
