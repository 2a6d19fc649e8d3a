import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createFold, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import { type CallContext, createRegistry, type Provider } from '@millrace/core/provider';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { google } from './index.js';

const RECORDED = new URL('../../../../../shared/data/wire/google/', import.meta.url);
const KEY = 'AIza-test-canary-0123456789';
let vendor: VendorServer | undefined;
afterEach(async () => {
  await vendor?.close();
  vendor = undefined;
  vi.unstubAllEnvs();
});

const ANSWER = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r1',
};
const request: ModelRequest = {
  model: 'gemini-2.5-flash',
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
const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const provider = (): Provider => google({ baseUrl: new URL(vendor?.baseUrl ?? '').origin });

describe('a call', () => {
  test('is written by the SDK’s own address and headers, and nothing of the environment', async () => {
    vi.stubEnv('GOOGLE_API_KEY', 'somebody-elses');
    vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true');
    vendor = await startVendor((_request, response) => json(response, ANSWER));
    expect(fold(await read(provider(), { delivery: 'whole' }))).toMatchObject({
      text: 'Yes.',
      usage: { inputTokens: { total: 4 }, outputTokens: { total: 2 } },
      response: { id: 'r1', modelId: 'gemini-2.5-flash' },
    });
    expect(vendor.received).toHaveLength(1);
    const [got] = vendor.received;
    expect(got?.path).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
    expect(got?.headers).toMatchObject({
      'x-goog-api-key': KEY,
      'user-agent': expect.stringMatching(/google-genai-sdk/),
    });
    expect(got?.body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: {},
    });
  });

  test('streamed and whole give the same reply', async () => {
    vendor = await startVendor(({ path }, response) => {
      if (!path.includes('stream')) return json(response, ANSWER);
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`data: ${JSON.stringify(ANSWER)}\r\n\r\n`);
    });
    const streamed = fold(await read(provider()));
    expect(streamed).toEqual(fold(await read(provider(), { delivery: 'whole' })));
    expect(vendor.received[0]?.path).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
  });

  const details = (reason: string) => [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }];
  test.each([
    [
      400,
      {
        status: 'INVALID_ARGUMENT',
        message: `API key not valid: ${KEY}`,
        details: details('API_KEY_INVALID'),
      },
      'AUTHENTICATION',
    ],
    [400, { status: 'INVALID_ARGUMENT', message: 'bad field' }, 'BAD_REQUEST'],
    [
      400,
      {
        status: 'INVALID_ARGUMENT',
        message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).',
      },
      'CONTEXT_LENGTH',
    ],
    [403, { status: 'PERMISSION_DENIED', message: 'no' }, 'PERMISSION_DENIED'],
    [404, { status: 'NOT_FOUND', message: 'no model' }, 'NOT_FOUND'],
    [429, { status: 'RESOURCE_EXHAUSTED', message: 'slow' }, 'RATE_LIMITED'],
    [500, { status: 'INTERNAL', message: 'oops' }, 'SERVER_ERROR'],
    [503, { status: 'UNAVAILABLE', message: 'overloaded' }, 'OVERLOADED'],
    [504, { status: 'DEADLINE_EXCEEDED', message: 'late' }, 'TIMEOUT'],
  ])(
    'an answer of %i %o is %s, also in the list that a stream wraps it into',
    async (status, error, code) => {
      vendor = await startVendor(({ path }, response) => {
        const body = { error: { code: status, ...error } };
        json(response, path.includes('stream') ? [body] : body, status);
      });
      for (const delivery of ['whole', 'incremental'] as const) {
        const failure = await read(provider(), { delivery }).catch((cause: unknown) => cause);
        expect(failure).toMatchObject({ code, status });
        expect(String((failure as Error).message)).not.toContain('canary');
      }
    },
  );

  test.skipIf(!existsSync(RECORDED))('4.4.15 the recorded refusal says when to try again', async () => {
    const recorded = JSON.parse(readFileSync(new URL('google-429-retry-info.json', RECORDED), 'utf8'));
    vendor = await startVendor((_request, response) => json(response, recorded, 429));
    await expect(read(provider())).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 34_400 });
  });

  test('a stream that is cut is interrupted, and an abort reaches the socket', async () => {
    const half = { candidates: [{ content: { parts: [{ text: 'Ye' }] } }] };
    vendor = await startVendor(({ path }, response) => {
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`data: ${JSON.stringify(half)}\n\n`);
      if (!path.includes('slow')) response.end();
    });
    await expect(read(provider())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const controller = new AbortController();
    const reading = read(provider(), { signal: controller.signal }, { ...request, model: 'slow' });
    await vi.waitFor(() => expect(vendor?.received).toHaveLength(2));
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await vendor.received[1]?.left;
  });

  test('a model’s name cannot lead elsewhere', async () => {
    vendor = await startVendor((_request, response) => json(response, ANSWER));
    const asked = { ...request, model: 'x?key=1' };
    await expect(read(provider(), {}, asked)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(vendor.received).toEqual([]);
  });
});

describe('besides calls', () => {
  test('the key is proven and the models that can answer are listed by one cheap request', async () => {
    vendor = await startVendor(({ headers }, response) => {
      if (headers['x-goog-api-key'] !== KEY)
        return json(
          response,
          { error: { code: 400, message: 'x', details: [{ reason: 'API_KEY_INVALID' }] } },
          400,
        );
      json(response, {
        models: [
          {
            name: 'models/gemini-x',
            supportedGenerationMethods: ['generateContent'],
            inputTokenLimit: 10,
            outputTokenLimit: 5,
          },
          { name: 'models/embed', supportedGenerationMethods: ['embedContent'] },
        ],
      });
    });
    const registry = createRegistry({ providers: [provider()], credentials: { get: () => undefined } });
    expect(await registry.verify('google')).toMatchObject({ status: 'missing' });
    expect(await registry.verify('google', undefined, { apiKey: KEY })).toMatchObject({ status: 'verified' });
    expect(await registry.verify('google', undefined, { apiKey: 'wrong' })).toMatchObject({
      status: 'invalid',
    });
    expect(await provider().discoverModels?.(contextOf())).toEqual([
      { id: 'gemini-x', contextWindow: 10, maxOutputTokens: 5 },
    ]);
  });

  test('tokens are counted by the vendor', async () => {
    vendor = await startVendor((_request, response) => json(response, { totalTokens: 31 }));
    const asked = { ...request, messages: [{ role: 'system', content: 'S' } as const, ...request.messages] };
    expect(await provider().countTokens?.(asked, contextOf())).toEqual({ tokensIn: 31, estimated: false });
    expect(vendor.received[0]).toMatchObject({
      path: '/v1beta/models/gemini-2.5-flash:countTokens',
      body: { generateContentRequest: { model: 'models/gemini-2.5-flash', systemInstruction: {} } },
    });
  });

  test('vectors come in the order of their texts, a hundred a request', async () => {
    vendor = await startVendor(({ body }, response) => {
      const asked = body['requests'] as { content: { parts: { text: string }[] } }[];
      json(response, {
        embeddings: asked.map(({ content }) => ({ values: [Number(content.parts[0]?.text)] })),
      });
    });
    const values = Array.from({ length: 205 }, (_, index) => String(index));
    const reply = await provider().embed?.(
      { model: 'gemini-embedding-001', values, dimensions: 1, purpose: 'query' },
      contextOf(),
    );
    expect(reply?.embeddings.map(([first]) => first)).toEqual(values.map(Number));
    expect(vendor.received.map(({ body }) => (body['requests'] as object[]).length)).toEqual([100, 100, 5]);
    expect(vendor.received[0]?.body['requests']).toMatchObject(
      [{ model: 'models/gemini-embedding-001', taskType: 'RETRIEVAL_QUERY', outputDimensionality: 1 }].concat(
        new Array(99).fill({}),
      ) as object[],
    );
  });

  test('a batch is submitted, watched, collected and cancelled', async () => {
    const inlinedResponses = [
      { metadata: { key: 'one' }, response: ANSWER },
      { metadata: { key: 'two' }, error: { code: 400, message: 'bad', status: 'INVALID_ARGUMENT' } },
    ];
    vendor = await startVendor(({ path, body }, response) => {
      if (path.endsWith(':cancel')) return json(response, {});
      const state = path.includes('batchGenerate') ? 'BATCH_STATE_PENDING' : 'BATCH_STATE_SUCCEEDED';
      const batchStats = { requestCount: '2', successfulRequestCount: '1', failedRequestCount: '1' };
      json(response, {
        name: 'batches/b1',
        metadata: { state, batchStats },
        ...(Object.keys(body).length === 0 && {
          done: true,
          response: { inlinedResponses: { inlinedResponses } },
        }),
      });
    });
    const { batch } = provider();
    expect(batch?.priceFactor).toBe(0.5);
    const items = [
      { id: 'one', request },
      { id: 'two', request },
    ];
    expect(await batch?.submit(items, contextOf())).toMatchObject({ id: 'batches/b1', state: 'running' });
    expect(vendor.received[0]?.path).toBe('/v1beta/models/gemini-2.5-flash:batchGenerateContent');
    expect(await batch?.status('batches/b1', contextOf())).toMatchObject({
      state: 'ended',
      counts: { total: 2, succeeded: 1, failed: 1 },
    });
    const collected = new Map<string, string>();
    for await (const result of batch?.results('batches/b1', contextOf()) ?? [])
      collected.set(result.id, 'events' in result ? fold(result.events).text : result.error.code);
    expect(Object.fromEntries(collected)).toEqual({ one: 'Yes.', two: 'BAD_REQUEST' });
    expect(await batch?.cancel('batches/b1', contextOf())).toMatchObject({ id: 'batches/b1' });
    await expect(batch?.status('models/x', contextOf())).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    const mixed = [...items, { id: 'three', request: { ...request, model: 'gemini-2.5-pro' } }];
    await expect(batch?.submit(mixed, contextOf())).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
