import { existsSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { createFold, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { openaiCompatible } from '../openai-compatible/index.js';
import { openai } from './index.js';

const RECORDED = new URL('../../../../../shared/data/wire/', import.meta.url);
const hasRecorded = existsSync(RECORDED);

let vendor: VendorServer | undefined;
afterEach(async () => {
  await vendor?.close();
  vendor = undefined;
  vi.unstubAllEnvs();
});

const request: ModelRequest = {
  model: 'gpt-test',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};
const contextOf = (options: Partial<CallContext> = {}): CallContext => ({
  credential: { apiKey: 'key-one' },
  signal: new AbortController().signal,
  delivery: 'incremental',
  ...options,
});
const read = async (provider: Provider, options: Partial<CallContext> = {}): Promise<ModelEvent[]> => {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(request, contextOf(options))) events.push(event);
  return events;
};
const fold = (events: readonly ModelEvent[]) => {
  const folded = createFold();
  for (const event of events) folded.add(event);
  return folded.reply();
};
const sse = (payloads: readonly string[]): string =>
  [...payloads, '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
const piece = (content: string, finish: string | null = null): string =>
  JSON.stringify({ id: 'x', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: finish }] });

/** A server that writes the given bytes in the given pieces, each on a turn of its own. */
const startPieces = (pieces: readonly Uint8Array[], type = 'text/event-stream'): Promise<VendorServer> =>
  startVendor(async (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const bytes of pieces) {
      response.write(bytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });

const ways = [
  ['undici', undefined],
  ['fetch', globalThis.fetch],
] as const;

describe.each(ways)('over %s', (_name, fetch) => {
  const compatible = (baseUrl: string): Provider => openaiCompatible({ id: 'test', baseUrl, fetch });

  test('an abort before the first byte reaches the socket', async () => {
    vendor = await startVendor(() => undefined);
    const controller = new AbortController();
    const reading = read(compatible(vendor.baseUrl), { signal: controller.signal });
    await vi.waitFor(() => expect(vendor?.received).toHaveLength(1));
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({
      code: 'CANCELLED',
      cause: expect.objectContaining({ message: 'enough' }),
    });
    await vendor.received[0]?.left;
  });

  test('an abort in the middle reaches the socket, and so does leaving the loop', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${piece('a')}\n\n`);
    });
    const controller = new AbortController();
    const aborted = async (): Promise<void> => {
      for await (const event of compatible(vendor?.baseUrl ?? '').stream(
        request,
        contextOf({ signal: controller.signal }),
      )) {
        if (event.type === 'text-delta') controller.abort();
      }
    };
    await expect(aborted()).rejects.toMatchObject({ code: 'CANCELLED' });
    await vendor.received[0]?.left;
    for await (const event of compatible(vendor.baseUrl).stream(request, contextOf()))
      if (event.type === 'text-delta') break;
    await vendor.received[1]?.left;
  });

  test('a connection that stays open behind [DONE] does not hold the answer up', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse([piece('a', 'stop')]));
    });
    expect(fold(await read(compatible(vendor.baseUrl))).text).toBe('a');
    await vendor.received[0]?.left;
  });

  test('calls one after the other share a connection', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse([piece('a', 'stop')]));
    });
    const provider = compatible(vendor.baseUrl);
    for (let call = 0; call < 20; call++) await read(provider);
    expect(vendor.connections()).toBeLessThanOrEqual(3);
  });

  test('a server that answers a stream with one body of JSON is understood', async () => {
    const body = { model: 'm', choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }] };
    vendor = await startPieces([Buffer.from(JSON.stringify(body))], 'application/json; charset=utf-8');
    expect(fold(await read(compatible(vendor.baseUrl))).text).toBe('whole');
  });

  test.each([
    ['text/html', '<html>Welcome</html>', 'INVALID_RESPONSE'],
    ['application/json', '{"choices": [', 'INVALID_RESPONSE'],
    ['text/event-stream', '', 'NETWORK'],
    ['text/event-stream', 'data: [DONE]\n\n', 'NETWORK'],
    ['text/event-stream', `data: ${piece('a')}\n\ndata: [DONE]\n\n`, 'INTERRUPTED'],
  ])('a 200 of %s with %j is %s', async (type, text, code) => {
    vendor = await startPieces([Buffer.from(text)], type);
    await expect(read(compatible(vendor.baseUrl))).rejects.toMatchObject({ code, provider: 'test' });
  });

  test('4.1.15 what came before an error in a stream is handed out before it is thrown', async () => {
    vendor = await startPieces([
      Buffer.from(`data: ${piece('a')}\n\ndata: {"error":{"message":"No.","code":"overloaded"}}\n\n`),
    ]);
    let text = '';
    const reading = async (): Promise<void> => {
      for await (const event of compatible(vendor?.baseUrl ?? '').stream(request, contextOf())) {
        if (event.type === 'text-delta') text += event.delta;
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(text).toBe('a');
  });

  test('a redirect is not followed, and the error says where it leads', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(308, { location: 'https://elsewhere.example/v1?key=1' }).end();
    });
    await expect(read(compatible(vendor.baseUrl))).rejects.toThrow(
      /redirects to https:\/\/elsewhere\.example\/v1;/,
    );
  });

  test('a server that is not there is a network error that says what to check', async () => {
    const gone = await startVendor(() => undefined);
    await gone.close();
    await expect(read(compatible(gone.baseUrl))).rejects.toMatchObject({
      code: 'NETWORK',
      retryable: true,
      message: expect.stringContaining('Nothing listens there'),
    });
  });

  test('the key of each call is used, and no key where none is given', async () => {
    vendor = await startVendor((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse([piece('a', 'stop')]));
    });
    const provider = compatible(vendor.baseUrl);
    await read(provider, { credential: { apiKey: 'key-one' } });
    await read(provider, { credential: { apiKey: 'key-two' } });
    await read(provider, { credential: undefined });
    const sent = vendor.received.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer key-one', 'Bearer key-two', undefined]);
  });
});

test('the environment does not change where calls go or what they carry', async () => {
  vendor = await startVendor((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse([piece('a', 'stop')]));
  });
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1');
  vi.stubEnv('OPENAI_API_KEY', 'key-of-the-environment');
  vi.stubEnv('OPENAI_ORG_ID', 'org-of-the-environment');
  vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-secret: for-openai-only');
  await read(openaiCompatible({ id: 'test', baseUrl: vendor.baseUrl, headers: { 'x-mine': 'yes' } }), {
    credential: undefined,
  });
  const headers = vendor.received[0]?.headers ?? {};
  expect(headers).toMatchObject({ 'x-mine': 'yes', 'content-type': 'application/json' });
  expect(JSON.stringify(headers)).not.toMatch(/environment|for-openai-only/);
});

test('nothing of a key can be seen in a provider', async () => {
  const provider = openai({ apiKey: 'canary-key', baseUrl: 'http://127.0.0.1:1/v1' });
  await expect(read(provider, { credential: { apiKey: 'canary-key' } })).rejects.toThrow();
  expect(inspect(provider, { depth: 12, showHidden: true })).not.toContain('canary-key');
  expect(JSON.stringify(provider)).not.toContain('canary-key');
});

test('a base URL or an id that cannot be is refused at once', () => {
  expect(() => openaiCompatible({ id: 'x', baseUrl: 'api.example.com' })).toThrow(/must begin with http/);
  expect(() => openaiCompatible({ id: 'Not OK', baseUrl: 'https://example.com' })).toThrow(/lower-case/);
});

describe('keys and models', () => {
  const models = { object: 'list', data: [{ id: 'gpt-4o' }, { id: 'text-embedding-3-small' }, {}] };

  test('a key that lists the models is verified, and the models are those that can chat', async () => {
    vendor = await startVendor((_request, response) => void response.end(JSON.stringify(models)));
    const provider = openai({ baseUrl: vendor.baseUrl });
    const context = { credential: { apiKey: 'key-one' }, signal: new AbortController().signal };
    await expect(provider.verify?.(context)).resolves.toMatchObject({ status: 'verified' });
    await expect(provider.discoverModels?.(context)).resolves.toEqual([{ id: 'gpt-4o' }]);
    expect(vendor.received[0]).toMatchObject({
      path: '/v1/models',
      headers: { authorization: 'Bearer key-one' },
    });
  });

  test('a refused key and an answer that is no list are errors', async () => {
    vendor = await startVendor(
      (_request, response) => void response.writeHead(401).end('{"error":{"message":"No."}}'),
    );
    const context = { signal: new AbortController().signal };
    await expect(openai({ baseUrl: vendor.baseUrl }).verify?.(context)).rejects.toMatchObject({
      code: 'AUTHENTICATION',
    });
    await vendor.close();
    vendor = await startVendor((_request, response) => void response.end('<html>'));
    await expect(openai({ baseUrl: vendor.baseUrl }).discoverModels?.(context)).rejects.toMatchObject({
      code: 'INVALID_RESPONSE',
    });
  });
});

describe.skipIf(!hasRecorded)(
  'recorded answers of vendors (left out where ../shared/data is not there)',
  () => {
    const lines = (file: string): string[] =>
      readFileSync(new URL(file, RECORDED), 'utf8').split('\n').filter(Boolean);
    const streams = {
      'openai-chat/azure-model-router.1.chunks.txt': { text: 'Capital of Denmark.', calls: [] },
      'deepseek/deepseek-tool-call.chunks.txt': {
        text: '',
        calls: [['weather', { location: 'San Francisco' }]],
      },
      'openai-compatible/xai-tool-call.chunks.txt': {
        text: '',
        calls: [['weather', { location: 'San Francisco' }]],
      },
    };

    test.each(Object.entries(streams))(
      '%s gives its text, its calls and its usage',
      async (file, expected) => {
        vendor = await startPieces([Buffer.from(sse(lines(file)))]);
        const reply = fold(await read(openaiCompatible({ id: 'test', baseUrl: vendor.baseUrl })));
        expect(reply.text).toBe(expected.text);
        expect(reply.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual(expected.calls);
        expect(reply.finishReason).toBe(expected.calls.length > 0 ? 'tool-calls' : 'stop');
        expect(reply.usage.inputTokens.total).toBeGreaterThan(0);
        expect(reply.usage.estimated).toBe(false);
      },
    );

    test('a stream whose bytes were recorded gives its text and its call', async () => {
      vendor = await startPieces([
        readFileSync(new URL('openai-compatible/anthropic-fallback-tool-call.sse', RECORDED)),
      ]);
      const reply = fold(await read(openaiCompatible({ id: 'test', baseUrl: vendor.baseUrl })));
      expect(reply).toMatchObject({ text: 'Reading it.', finishReason: 'tool-calls' });
      expect(reply.toolCalls[0]).toMatchObject({ toolCallId: 'toolu_sanitized', input: { path: 'a.txt' } });
    });

    test.each([
      ['openai-chat/openai-text.json', { finishReason: 'stop', toolCalls: 0, reasoning: false }],
      ['groq/groq-text.json', { finishReason: 'stop', toolCalls: 0, reasoning: false }],
      ['groq/groq-reasoning.json', { finishReason: 'stop', toolCalls: 0, reasoning: true }],
      ['groq/groq-tool-call.json', { finishReason: 'tool-calls', toolCalls: 1, reasoning: false }],
      ['deepseek/deepseek-reasoning.json', { finishReason: 'stop', toolCalls: 0, reasoning: true }],
      ['deepseek/deepseek-json.json', { finishReason: 'stop', toolCalls: 0, reasoning: true }],
    ])('%s, a whole answer, gives the same', async (file, expected) => {
      vendor = await startPieces([readFileSync(new URL(file, RECORDED))], 'application/json');
      const reply = fold(
        await read(openaiCompatible({ id: 'test', baseUrl: vendor.baseUrl }), { delivery: 'whole' }),
      );
      expect(reply.finishReason).toBe(expected.finishReason);
      expect(reply.toolCalls).toHaveLength(expected.toolCalls);
      expect(reply.reasoning !== '').toBe(expected.reasoning);
      expect(reply.usage.outputTokens.total).toBeGreaterThan(0);
    });

    test('the bytes of a stream may be cut anywhere, and its lines may end in CRLF', async () => {
      // Characters of several bytes, so that cuts fall inside them too.
      const extra = [piece('Zürich — 東京 🚋'), piece('', 'stop')];
      const recorded = lines('openai-chat/azure-model-router.1.chunks.txt').slice(0, 4);
      const text = sse([...recorded, ...extra]);
      let pieces: Uint8Array[] = [];
      vendor = await startVendor(async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const bytes of pieces) {
          response.write(bytes);
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      });
      const provider = openaiCompatible({ id: 'test', baseUrl: vendor.baseUrl });
      pieces = [Buffer.from(text)];
      const whole = await read(provider);
      expect(fold(whole).text).toContain('Zürich — 東京 🚋');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(text.length), { maxLength: 12 }),
          fc.boolean(),
          async (cuts, crlf) => {
            const bytes = Buffer.from(crlf ? text.replaceAll('\n', '\r\n') : text);
            const places = [
              0,
              ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b),
              bytes.length,
            ];
            pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
            expect(await read(provider)).toEqual(whole);
          },
        ),
        { numRuns: 60 },
      );
    });
  },
);
