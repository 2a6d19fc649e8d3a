import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  playThenThrow,
  type Script,
  scriptedProvider,
  start,
} from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import { UNKNOWN_USAGE } from '../model/usage.js';
import type { Provider } from '../provider/provider.js';
import { createLogger } from '../telemetry/logger.js';
import type { Stage } from './call.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';

/** Looks like no key of any vendor, so that only knowing it can hide it. */
const CANARY = 'canary7Jq2mZx0';

/** Everything that a person may get to see of a call that failed. */
const everythingSeen = async (script: Script, options: GatewayOptions = {}): Promise<string> => {
  const seen: string[] = [];
  const gateway = createGateway({
    retry: { minDelayMs: 1 },
    providers: [scriptedProvider(script, { credential: { required: true } })],
    credentials: { get: () => ({ apiKey: CANARY, label: 'main' }) },
    logger: createLogger({ level: 'debug', write: (line) => void seen.push(line) }),
    ...options,
  });
  for (const name of ['call-start', 'call-route', 'call-first-token', 'call-end'] as const) {
    gateway.on(name, (event) => void seen.push(inspect(event, { depth: 10, showHidden: true })));
  }
  const error = (await failureOf(() => gateway.chat({ prompt: 'Hi' }))) as MillraceError;
  seen.push(
    error.message,
    `${error.stack}`,
    JSON.stringify(error),
    JSON.stringify(error.details),
    String(error),
  );
  seen.push(
    inspect(error, { depth: 10, showHidden: true }),
    inspect(gateway, { depth: 10, showHidden: true }),
  );
  seen.push(JSON.stringify(await recordsOf(gateway)));
  expect(seen.some((line) => line.includes('a call failed'))).toBe(true);
  return seen.join('\n');
};

class VendorError extends Error {
  readonly request = { headers: new Headers({ authorization: `Bearer ${CANARY}` }), body: CANARY };
  readonly code = 'vendor_code';
}
/** An engine may write the stack only when it is read, with the message of that moment. */
const withStackRead = (error: MillraceError): MillraceError => {
  expect(error.stack).toContain(CANARY);
  return error;
};
const deep = { a: { b: [{ c: { d: CANARY } }] } };
const withOwnField = Object.assign(
  new ProviderError('NETWORK', 'Failed.', { provider: 'scripted', requestId: CANARY }),
  {
    sent: { headers: { authorization: CANARY }, url: new URL(`https://x.example/?key=${CANARY}`) },
  },
);

describe('a key in an error of the provider', () => {
  test.each<[string, unknown]>([
    ['the message', new MillraceError('AUTHENTICATION', `The key ${CANARY} is wrong.`)],
    ['a stack that somebody has read', withStackRead(new MillraceError('NETWORK', `sent ${CANARY}`))],
    [
      'the details',
      new MillraceError('AUTHENTICATION', 'Wrong.', { details: { [CANARY]: deep, list: [CANARY] } }),
    ],
    ['a field of its own', withOwnField],
    ['a cause', new MillraceError('NETWORK', 'Failed.', { cause: new VendorError(`sent ${CANARY}`) })],
    [
      'the cause of a cause',
      new MillraceError('NETWORK', 'Failed.', { cause: new Error('x', { cause: new VendorError(CANARY) }) }),
    ],
    [
      'a cause that is one of ours',
      new MillraceError('NETWORK', 'x', { cause: new MillraceError('NETWORK', CANARY, { cause: deep }) }),
    ],
    [
      'a cause that is no error',
      new MillraceError('NETWORK', 'Failed.', { cause: { headers: new Headers({ k: CANARY }) } }),
    ],
    ['a cause that is text', new MillraceError('NETWORK', 'Failed.', { cause: `sent ${CANARY}` })],
    ['a foreign error', new VendorError(`sent ${CANARY}`)],
    ['a frozen error', Object.freeze(new MillraceError('NETWORK', `sent ${CANARY}`))],
    ['the text of a very long message', new Error(`${'x'.repeat(295)} ${CANARY}`)],
  ])('is seen nowhere when it is in %s', async (_where, error) => {
    expect(await everythingSeen(playThenThrow([], error))).not.toContain(CANARY);
    expect(await everythingSeen(playThenThrow([start], error))).not.toContain(CANARY.slice(0, 8));
  });

  test('is seen nowhere when a stage fails with it', async () => {
    const stage: Stage = (next) =>
      async function* (call) {
        for await (const event of next(call)) {
          yield event;
          throw new VendorError(CANARY);
        }
      };
    const stages: GatewayOptions['stages'] = (builtIn) => [...builtIn, { name: 'mine', stage }];
    expect(await everythingSeen(playThenThrow([start], 'unused'), { stages })).not.toContain(CANARY);
  });

  test('leaves the rest of the error as it was', async () => {
    const cause = new VendorError(`sent ${CANARY}`);
    const error = new ProviderError('RATE_LIMITED', `Slow down, ${CANARY}.`, {
      provider: 'scripted',
      retryAfterMs: 2_000,
      details: { kind: 'tokens' },
      cause,
    });
    const gateway = createGateway({
      retry: { minDelayMs: 1 },
      providers: [scriptedProvider(playThenThrow([], error), { credential: { required: true } })],
      credentials: { get: () => ({ apiKey: CANARY }) },
    });
    const thrown = await failureOf(() => gateway.chat({ prompt: 'Hi' }));
    expect(thrown).toBe(error);
    expect(thrown).toMatchObject({
      name: 'ProviderError',
      message: 'Slow down, [redacted].',
      retryAfterMs: 2_000,
      details: { kind: 'tokens', retryAfterMs: 2_000 },
      cause: { name: 'Error', message: 'sent [redacted]', code: 'vendor_code' },
    });
    expect(cause.message).toContain(CANARY);
    expect(error.stack).toContain('secrets.test');
  });

  test('cannot send the redaction round in a circle', async () => {
    const first = new MillraceError('NETWORK', CANARY);
    const second = new MillraceError('NETWORK', CANARY, { cause: first });
    Object.defineProperty(first, 'cause', { value: second, writable: true, configurable: true });
    const circular: Record<string, unknown> = { CANARY };
    circular['self'] = circular;
    Object.assign(second, { circular });
    expect(await everythingSeen(playThenThrow([], second))).not.toContain(CANARY);
  });
});

test("the caller's own reason of a cancellation stays as it is", async () => {
  const reason = new VendorError('mine');
  const gateway = createGateway({
    retry: { minDelayMs: 1 },
    providers: [scriptedProvider(playThenThrow([], 'unused'))],
  });
  const failure = await failureOf(() => gateway.chat({ prompt: 'Hi', signal: AbortSignal.abort(reason) }));
  expect((failure as Error).cause).toBe(reason);
});

test('a vendor that names its model after the key does not bring it into the reply or the ledger', async () => {
  const key = 'canary-of-no-known-shape';
  const provider: Provider = {
    specification: 'millrace-provider-v1',
    id: 'echo',
    label: 'Echo',
    credential: { required: true },
    models: [],
    async *stream(_request, { credential }) {
      yield { type: 'stream-start', warnings: [] };
      yield { type: 'response-metadata', id: `id-${credential?.apiKey}`, modelId: `m-${credential?.apiKey}` };
      yield { type: 'finish', finishReason: 'stop', usage: UNKNOWN_USAGE };
    },
  };
  const gateway = createGateway({
    retry: { minDelayMs: 1 },
    providers: [provider],
    credentials: { get: () => ({ apiKey: key }) },
  });
  const reply = await gateway.chat({ model: 'echo:m', prompt: 'Hello' });
  const { rows } = await gateway.ledger.list();
  expect(rows).toHaveLength(1);
  expect(reply.response.modelId).toBe('m-[redacted]');
  expect(JSON.stringify([reply, rows])).not.toContain(key);
});
