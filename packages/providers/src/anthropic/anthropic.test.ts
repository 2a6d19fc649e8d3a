import type { ServerResponse } from 'node:http';
import { createFold, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import { type CallContext, createRegistry, type Provider } from '@millrace/core/provider';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { anthropic } from './index.js';

const KEY = 'sk-ant-test-canary-0123456789';
let vendor: VendorServer | undefined;
afterEach(async () => {
  await vendor?.close();
  vendor = undefined;
  vi.unstubAllEnvs();
});

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text: 'Yes.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 12, output_tokens: 3, cache_read_input_tokens: 8, cache_creation_input_tokens: 0 },
};
const request: ModelRequest = {
  model: 'claude-haiku-4-5',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};
const contextOf = (options: Partial<CallContext> = {}): CallContext => ({
  credential: { apiKey: KEY },
  signal: new AbortController().signal,
  delivery: 'incremental',
  ...options,
});
const read = async (provider: Provider, options: Partial<CallContext> = {}, asked = request) => {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(asked, contextOf(options))) events.push(event);
  return events;
};
const fold = (events: readonly ModelEvent[]) => {
  const folded = createFold();
  for (const event of events) folded.add(event);
  return folded.reply();
};
const json = (response: ServerResponse, value: unknown, status = 200, headers = {}): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(value));
const sse = (...events: readonly { type: string }[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
const STREAM = [
  { type: 'message_start', message: { ...MESSAGE, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Yes.' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
  { type: 'message_stop' },
];
const provider = (): Provider => anthropic({ baseUrl: vendor?.baseUrl });

describe('a call', () => {
  test('is written by the SDK’s own address and headers, and nothing of the environment', async () => {
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://127.0.0.1:1');
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'token-of-somebody');
    vendor = await startVendor((_request, response) => json(response, MESSAGE));
    const reply = fold(await read(provider(), { delivery: 'whole' }));
    expect(reply).toMatchObject({
      text: 'Yes.',
      usage: { inputTokens: { total: 20, cacheRead: 8 }, outputTokens: { total: 3 } },
      response: { id: 'msg_1', modelId: 'claude-haiku-4-5-20251001' },
    });
    const [got] = vendor.received;
    expect(got?.path).toBe('/v1/messages');
    expect(got?.headers).toMatchObject({
      'x-api-key': KEY,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    });
    expect(got?.headers).not.toHaveProperty('authorization');
    expect(got?.body).toEqual({
      model: 'claude-haiku-4-5',
      max_tokens: 64_000,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    });
  });

  test('streamed and whole give the same reply', async () => {
    vendor = await startVendor(({ body }, response) => {
      if (body['stream'] !== true) return json(response, MESSAGE);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(...STREAM));
    });
    const streamed = fold(await read(provider()));
    const whole = fold(await read(provider(), { delivery: 'whole' }));
    expect({ ...streamed, usage: { ...streamed.usage, raw: undefined } }).toEqual({
      ...whole,
      usage: { ...whole.usage, raw: undefined },
    });
  });

  test('beta features are named in one header, beside the caller’s own headers', async () => {
    vendor = await startVendor((_request, response) => json(response, MESSAGE));
    const asked = {
      ...request,
      headers: { 'X-Trace': 't' },
      providerOptions: { anthropic: { betas: ['a', 'b'] } },
    };
    await read(provider(), { delivery: 'whole' }, asked);
    expect(vendor.received[0]?.headers).toMatchObject({ 'anthropic-beta': 'a,b', 'x-trace': 't' });
  });

  test.each([
    [401, { type: 'authentication_error', message: `invalid x-api-key ${KEY}` }, {}, 'AUTHENTICATION'],
    [403, { type: 'permission_error', message: 'no' }, {}, 'PERMISSION_DENIED'],
    [404, { type: 'not_found_error', message: 'model: x' }, {}, 'NOT_FOUND'],
    [413, { type: 'request_too_large', message: 'too big' }, {}, 'REQUEST_TOO_LARGE'],
    [429, { type: 'rate_limit_error', message: 'slow down' }, { 'retry-after': '7' }, 'RATE_LIMITED'],
    [
      400,
      { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8' },
      {},
      'CONTEXT_LENGTH',
    ],
    [400, { type: 'invalid_request_error', message: 'max_tokens: required' }, {}, 'BAD_REQUEST'],
    [400, { type: 'billing_error', message: 'credit balance is too low' }, {}, 'QUOTA_EXCEEDED'],
    [500, { type: 'api_error', message: 'oops' }, {}, 'SERVER_ERROR'],
    [529, { type: 'overloaded_error', message: 'Overloaded' }, {}, 'OVERLOADED'],
  ])('an answer of %i %o is %s', async (status, error, headers, code) => {
    vendor = await startVendor((_request, response) =>
      json(response, { type: 'error', error }, status, { 'request-id': 'req_1', ...headers }),
    );
    const failure = await read(provider()).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code, status, requestId: 'req_1' });
    if (code === 'RATE_LIMITED') expect(failure).toMatchObject({ retryAfterMs: 7_000 });
    expect(String((failure as Error).message)).not.toContain('canary');
  });

  test('4.3.12 an error that comes first in a stream of status 200 is a failure that can be tried again', async () => {
    vendor = await startVendor((_request, response) => {
      const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(error));
    });
    await expect(read(provider())).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true });
  });

  test('a stream that is cut is interrupted; a page of HTML names the base URL', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(...STREAM.slice(0, 3)));
    });
    await expect(read(provider())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await vendor.close();
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    });
    await expect(read(provider())).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
  });

  test('an abort reaches the socket', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(...STREAM.slice(0, 3)));
    });
    const controller = new AbortController();
    const reading = read(provider(), { signal: controller.signal });
    await vi.waitFor(() => expect(vendor?.received).toHaveLength(1));
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await vendor.received[0]?.left;
  });
});

describe('besides calls', () => {
  test('the key is proven and the models are listed by one cheap request', async () => {
    vendor = await startVendor(({ headers }, response) => {
      if (headers['x-api-key'] !== KEY)
        return json(response, { error: { type: 'authentication_error' } }, 401);
      json(response, { data: [{ id: 'claude-new', type: 'model' }, {}] });
    });
    const registry = createRegistry({ providers: [provider()], credentials: { get: () => undefined } });
    expect(await registry.verify('anthropic')).toMatchObject({ status: 'missing' });
    expect(vendor.received).toHaveLength(0);
    expect(await registry.verify('anthropic', undefined, { apiKey: KEY })).toMatchObject({
      status: 'verified',
    });
    expect(await registry.verify('anthropic', undefined, { apiKey: 'wrong' })).toMatchObject({
      status: 'invalid',
    });
    expect(await provider().discoverModels?.(contextOf())).toEqual([{ id: 'claude-new' }]);
    expect(vendor.received[0]?.path).toBe('/v1/models?limit=1000');
    await vendor.close();
    expect(await registry.verify('anthropic', undefined, { apiKey: KEY })).toMatchObject({
      status: 'unreachable',
    });
  });

  test('tokens are counted by the vendor, with what makes the prompt and nothing else', async () => {
    vendor = await startVendor((_request, response) => json(response, { input_tokens: 42 }));
    const asked = { ...request, maxOutputTokens: 5, temperature: 0.5 };
    expect(await provider().countTokens?.(asked, contextOf())).toEqual({ tokensIn: 42, estimated: false });
    expect(vendor.received[0]).toMatchObject({
      path: '/v1/messages/count_tokens',
      body: { model: 'claude-haiku-4-5', messages: [{ role: 'user' }] },
    });
    expect(Object.keys(vendor.received[0]?.body ?? {})).toEqual(['model', 'messages']);
  });

  test('a batch is submitted, watched, collected and cancelled', async () => {
    const counts = { processing: 0, succeeded: 2, errored: 1, canceled: 1, expired: 1 };
    const results = [
      { custom_id: 'one', result: { type: 'succeeded', message: MESSAGE } },
      {
        custom_id: 'two-j-json',
        result: {
          type: 'succeeded',
          message: {
            ...MESSAGE,
            content: [{ type: 'tool_use', id: 't', name: 'json', input: { a: 1 } }],
            stop_reason: 'tool_use',
          },
        },
      },
      {
        custom_id: 'three',
        result: {
          type: 'errored',
          error: { type: 'error', error: { type: 'invalid_request_error', message: 'bad' } },
        },
      },
      { custom_id: 'four', result: { type: 'canceled' } },
      { custom_id: 'five', result: { type: 'expired' } },
    ];
    vendor = await startVendor(({ path }, response) => {
      if (path.endsWith('/results')) {
        const body = results.map((line) => JSON.stringify(line)).join('\n');
        return void response.writeHead(200, { 'content-type': 'application/x-jsonl' }).end(body);
      }
      const state = path.endsWith('/batches')
        ? 'in_progress'
        : path.endsWith('/cancel')
          ? 'canceling'
          : 'ended';
      json(response, {
        id: 'msgbatch_1',
        processing_status: state,
        request_counts: counts,
        expires_at: '2026-11-22T00:00:00Z',
      });
    });
    const { batch } = provider();
    expect(batch?.priceFactor).toBe(0.5);
    const schema = { type: 'object', additionalProperties: { type: 'string' } } as const;
    const status = await batch?.submit(
      [
        { id: 'one', request },
        { id: 'two', request: { ...request, responseFormat: { type: 'json', schema } } },
      ],
      contextOf(),
    );
    expect(status).toMatchObject({ id: 'msgbatch_1', state: 'running', rawState: 'in_progress' });
    expect(vendor.received[0]?.body['requests']).toMatchObject([
      { custom_id: 'one', params: { model: 'claude-haiku-4-5' } },
      { custom_id: 'two-j-json', params: { tool_choice: { name: 'json' } } },
    ]);
    expect(await batch?.status('msgbatch_1', contextOf())).toMatchObject({
      state: 'ended',
      counts: { total: 5, succeeded: 2, failed: 3 },
      expiresAt: Date.parse('2026-11-22T00:00:00Z'),
    });
    const collected = new Map<string, string>();
    for await (const result of batch?.results('msgbatch_1', contextOf()) ?? [])
      collected.set(result.id, 'events' in result ? fold(result.events).text : result.error.code);
    expect(Object.fromEntries(collected)).toEqual({
      one: 'Yes.',
      two: '{"a":1}',
      three: 'BAD_REQUEST',
      four: 'CANCELLED',
      five: 'TIMEOUT',
    });
    expect(await batch?.cancel('msgbatch_1', contextOf())).toMatchObject({ state: 'cancelling' });
    await expect(batch?.status('../other', contextOf())).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(
      (async () => batch?.submit([{ id: 'with space', request }], contextOf()))(),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
