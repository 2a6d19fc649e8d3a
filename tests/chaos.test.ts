import { createGateway, type Gateway, MillraceError, ProviderError } from '@millrace/core';
import { openai } from '@millrace/providers/openai';
import { createHandler } from '@millrace/server-adapter';
import { type Server, serve } from '@millrace/server-adapter/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CHAOS_CASES, STREAM_ONLY_CASES } from './support/chaos-cases.ts';
import { type ChaosUpstream, startChaosUpstream } from './support/chaos-upstream.ts';
import { readSse } from './support/read-sse.ts';

const LIMIT_MS = 400;
/** What the machine may take on top of a limit. */
const SLACK_MS = 3_000;

let upstream: ChaosUpstream;
let gateway: Gateway;
let server: Server;
const rejections: unknown[] = [];
const onRejection = (error: unknown): void => void rejections.push(error);

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  upstream = await startChaosUpstream();
  // Loads the SDK, which may take longer than a call here.
  const loading = createGateway({
    providers: [openai({ baseUrl: upstream.baseUrl, apiKey: 'sk-test-chaos' })],
  });
  await loading
    .chat({ model: 'openai:server-error', prompt: 'Hello', retry: { retries: 0 } })
    .catch(() => undefined);
  await loading.close();
});
beforeEach(async () => {
  gateway = createGateway({
    retry: { retries: 0 },
    providers: [openai({ baseUrl: upstream.baseUrl, apiKey: 'sk-test-chaos' })],
    timeLimits: { firstEventMs: LIMIT_MS, idleMs: LIMIT_MS, totalMs: 10 * LIMIT_MS },
  });
  server = await serve({ handler: createHandler({ gateway }), port: 0 });
});
afterEach(async () => {
  await vi.waitFor(() => expect(upstream.active()).toBe(0), 2_000);
  await server.close({ graceMs: 100 });
  await gateway.close();
  expect(rejections).toEqual([]);
});
afterAll(async () => {
  // Every failure lets go of its connection; the rest is the pool that waits for the next call.
  expect(upstream.sockets()).toBeLessThanOrEqual(4);
  await upstream.close();
  process.off('unhandledRejection', onRejection);
});

const failureOf = async (work: () => Promise<unknown>): Promise<MillraceError> => {
  const startedAt = performance.now();
  try {
    await work();
  } catch (error) {
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + SLACK_MS);
    if (MillraceError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('The call did not fail.');
};

const onlyRecord = async () => {
  const { rows } = await gateway.ledger.list();
  expect(rows).toHaveLength(1);
  return rows[0];
};

describe.each(CHAOS_CASES)('an upstream that does "$model"', ({ model, chat }) => {
  test(`ends chat() as ${chat}, with one ledger record`, async () => {
    const error = await failureOf(() => gateway.chat({ model: `openai:${model}`, prompt: 'Hello' }));
    expect(error.code).toBe(chat);
    expect(await onlyRecord()).toMatchObject({ status: 'error', errorCode: chat, provider: 'openai', model });
  });

  test('is answered over HTTP with the status of its code', async () => {
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: `openai:${model}`, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const { error } = (await response.json()) as { error: { message: string } };
    expect(response.ok).toBe(false);
    expect(error.message).toContain('openai');
    expect(await onlyRecord()).toMatchObject({ status: 'error', errorCode: chat });
  });
});

describe.each([...CHAOS_CASES, ...STREAM_ONLY_CASES])(
  'a stream of an upstream that does "$model"',
  ({ model, stream, afterOutput }) => {
    const status = stream === 'INTERRUPTED' ? 'interrupted' : 'error';

    test(`is thrown as ${stream}${afterOutput === true ? ' after what arrived' : ''}, with one ledger record`, async () => {
      let text = '';
      const error = await failureOf(async () => {
        for await (const event of gateway.stream({ model: `openai:${model}`, prompt: 'Hello' })) {
          if (event.type === 'text-delta') text += event.delta;
        }
      });
      expect(error.code).toBe(stream);
      expect(text.startsWith('0 ')).toBe(afterOutput === true);
      const record = await onlyRecord();
      expect(record).toMatchObject({
        status,
        errorCode: stream,
        provider: 'openai',
        model,
        operation: 'stream',
      });
      if (afterOutput === true) expect(record).toMatchObject({ estimated: true });
    });

    test('ends over HTTP with an error and without [DONE]', async () => {
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: `openai:${model}`,
          stream: true,
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
      const text = await response.text();
      expect(text).not.toContain('[DONE]');
      if (afterOutput === true) {
        expect(response.status).toBe(200);
        const events = readSse(text).map(
          (data) => JSON.parse(data) as { error?: { message: string }; choices?: unknown },
        );
        expect(events.at(-1)?.error?.message).toContain('openai');
        expect(events.slice(0, -1).every(({ choices }) => choices !== undefined)).toBe(true);
      } else {
        expect(response.ok).toBe(false);
        expect((JSON.parse(text) as { error: { message: string } }).error.message).toContain('openai');
      }
      expect(await onlyRecord()).toMatchObject({ status, errorCode: stream });
    });
  },
);

test('a rate limit tells how long to wait, in the error and over HTTP', async () => {
  const error = await failureOf(() => gateway.chat({ model: 'openai:rate-limited', prompt: 'Hello' }));
  expect(ProviderError.isInstance(error) && error.retryAfterMs).toBe(2_000);
  expect(error.retryable).toBe(true);
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai:rate-limited', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('2');
});

test('an unknown model, a missing key and an empty gateway fail without a request upstream', async () => {
  const before = upstream.requests.length;
  const keyless = createGateway({
    providers: [openai({ baseUrl: upstream.baseUrl })],
    credentials: { get: () => undefined },
  });
  const empty = createGateway({ providers: [] });
  expect((await failureOf(() => gateway.chat({ model: 'gpt-4o-minni', prompt: 'Hello' }))).message).toContain(
    'gpt-4o-mini',
  );
  expect((await failureOf(() => keyless.chat({ model: 'openai:gpt-4o-mini', prompt: 'Hello' }))).code).toBe(
    'MISSING_KEY',
  );
  expect((await failureOf(() => keyless.chat({ prompt: 'Hello' }))).message).toContain('OPENAI_API_KEY');
  expect((await failureOf(() => empty.chat({ prompt: 'Hello' }))).code).toBe('NO_PROVIDER');
  expect(upstream.requests.length).toBe(before);
});
