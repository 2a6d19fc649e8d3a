import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createFold, type Message, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { openai } from './index.js';

const KEY = 'sk-test-canary-0123456789';
const RECORDED = new URL('../../../../../shared/data/wire/', import.meta.url);
const hasRecorded = existsSync(RECORDED);
let vendor: VendorServer | undefined;
afterEach(async () => {
  await vendor?.close();
  vendor = undefined;
});

const request: ModelRequest = {
  model: 'gpt-5.2',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};
const contextOf = (options: Partial<CallContext> = {}): CallContext => ({
  credential: { apiKey: KEY },
  signal: new AbortController().signal,
  delivery: 'whole',
  ...options,
});
const read = async (
  provider: Provider,
  asked: Partial<ModelRequest> = {},
  options: Partial<CallContext> = {},
) => {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream({ ...request, ...asked }, contextOf(options))) events.push(event);
  return events;
};
const fold = (events: readonly ModelEvent[]) => {
  const folded = createFold();
  for (const event of events) folded.add(event);
  return folded.reply();
};
const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  model: 'gpt-5.2',
  status: 'completed',
  output: [{ type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'Yes.' }] }],
  usage: { input_tokens: 3, output_tokens: 2 },
};
const COMPLETION = {
  id: 'x',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { content: 'Yes.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
};
const both = (): Promise<VendorServer> =>
  startVendor(({ path }, response) => json(response, path.endsWith('/responses') ? RESPONSE : COMPLETION));

test('the responses endpoint is called at its address, with the SDK’s headers', async () => {
  vendor = await both();
  const reply = fold(await read(openai({ baseUrl: vendor.baseUrl, api: 'responses' })));
  expect(reply).toMatchObject({
    text: 'Yes.',
    usage: { inputTokens: { total: 3 } },
    response: { id: 'resp_1' },
  });
  expect(vendor.received[0]).toMatchObject({
    path: '/v1/responses',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: { model: 'gpt-5.2', store: false },
  });
});

describe('which endpoint answers', () => {
  const look = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;
  const begun: Message[] = [
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'Yes.', providerMetadata: { openai: { itemId: 'msg_1' } } }],
    },
    { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
  ];
  test.each<[string, Partial<ModelRequest>, 'chat/completions' | 'responses']>([
    ['an ordinary request', {}, 'chat/completions'],
    ['a model that only it has', { model: 'gpt-5.2-codex' }, 'responses'],
    ['a pro model', { model: 'gpt-5.2-pro' }, 'responses'],
    [
      'tools and reasoning where chat refuses both',
      { model: 'gpt-5.6', tools: [look], reasoning: 'high' },
      'responses',
    ],
    ['the same without reasoning', { model: 'gpt-5.6', tools: [look] }, 'chat/completions'],
    ['the most effort', { model: 'gpt-6-sol', reasoning: 'max' }, 'responses'],
    ['a conversation that was begun there', { messages: begun }, 'responses'],
    ['a request that says so', { providerOptions: { openai: { api: 'responses' } } }, 'responses'],
    [
      'a request that says not so',
      { model: 'gpt-5.2-codex', providerOptions: { openai: { api: 'chat' } } },
      'chat/completions',
    ],
    ['a chain', { providerOptions: { openai: { previousResponseId: 'resp_0' } } }, 'responses'],
  ])('for %s', async (_what, asked, path) => {
    vendor = await both();
    await read(openai({ baseUrl: vendor.baseUrl }), asked);
    expect(vendor.received[0]?.path).toBe(`/v1/${path}`);
  });

  test('is the host’s choice too, also by the model', async () => {
    vendor = await both();
    await read(openai({ baseUrl: vendor.baseUrl, api: 'chat' }), { model: 'gpt-5.2-codex' });
    const byModel = openai({
      baseUrl: vendor.baseUrl,
      api: (model) => (model === 'a' ? 'responses' : 'chat'),
    });
    await read(byModel, { model: 'a' });
    await read(byModel, { model: 'b' });
    expect(vendor.received.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/responses',
      '/v1/chat/completions',
    ]);
  });
});

test
  .skipIf(!hasRecorded)
  .each(['github-copilot-id-rotation.1.chunks.txt', 'openai-local-shell-tool.1.chunks.txt'])(
  'the recorded stream %s split anywhere gives the same reply',
  async (file) => {
    const text = readFileSync(new URL(`openai-responses/${file}`, RECORDED), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => `event: ${JSON.parse(line).type}\ndata: ${line}\n\n`)
      .join('');
    const bytes = new TextEncoder().encode(text);
    let cuts: readonly number[] = [];
    vendor = await startVendor(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let from = 0;
      for (const cut of [...cuts, bytes.length]) {
        response.write(bytes.slice(from, cut));
        from = cut;
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const provider = openai({ baseUrl: vendor.baseUrl, api: 'responses' });
    const whole = fold(await read(provider, {}, { delivery: 'incremental' }));
    expect(whole.text !== '' || whole.toolCalls.length > 0).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), async (places) => {
        cuts = places.toSorted((a, b) => a - b);
        expect(fold(await read(provider, {}, { delivery: 'incremental' }))).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  },
);

describe('embeddings', () => {
  test.skipIf(!hasRecorded)('are read as they were recorded', async () => {
    const body = JSON.parse(readFileSync(new URL('openai-chat/openai-embedding.json', RECORDED), 'utf8'));
    vendor = await startVendor((_request, response) => json(response, body));
    const reply = await openai({ baseUrl: vendor.baseUrl }).embed?.(
      { model: 'text-embedding-3-small', values: ['a', 'b'], dimensions: 5 },
      contextOf(),
    );
    expect(reply).toMatchObject({ modelId: 'text-embedding-3-small', tokensIn: 12 });
    expect(reply?.embeddings.map(([first]) => first)).toEqual([0.0057293195, -0.037104916]);
    expect(vendor.received[0]).toMatchObject({
      path: '/v1/embeddings',
      body: { model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 5, encoding_format: 'float' },
    });
  });

  test('of many texts are asked for in portions, and keep the order of the texts', async () => {
    vendor = await startVendor(({ body }, response) => {
      const input = body['input'] as string[];
      const data = input.map((text, index) => ({ index, embedding: [Number(text)] })).toReversed();
      json(response, { data, model: 'm', usage: { prompt_tokens: input.length } });
    });
    const values = Array.from({ length: 5_000 }, (_value, index) => String(index));
    const reply = await openai({ baseUrl: vendor.baseUrl }).embed?.({ model: 'm', values }, contextOf());
    expect(vendor.received).toHaveLength(3);
    expect(reply?.tokensIn).toBe(5_000);
    expect(reply?.embeddings.map(([value]) => value)).toEqual(values.map(Number));
  });

  test('that are too few are an error', async () => {
    vendor = await startVendor((_request, response) =>
      json(response, { data: [{ index: 1, embedding: [1] }] }),
    );
    const asking = openai({ baseUrl: vendor.baseUrl }).embed?.(
      { model: 'm', values: ['a', 'b'] },
      contextOf(),
    );
    await expect(asking).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
  });
});

describe('batches', () => {
  const BATCH = {
    id: 'batch_1',
    status: 'completed',
    created_at: 1_790_000_000,
    request_counts: { total: 3, completed: 2, failed: 1 },
    output_file_id: 'file-out',
    error_file_id: 'file-err',
  };
  const line = (custom_id: string, status_code: number, body: object) =>
    JSON.stringify({ custom_id, response: { status_code, body }, error: null });
  const serve = (): Promise<VendorServer> =>
    startVendor(({ path }, response) => {
      if (path === '/v1/files') return json(response, { id: 'file-in' });
      if (path.endsWith('/cancel')) return json(response, { ...BATCH, status: 'cancelling' });
      if (path.startsWith('/v1/batches')) return json(response, BATCH);
      const lines =
        path === '/v1/files/file-out/content'
          ? [line('one', 200, COMPLETION), line('two', 200, RESPONSE)]
          : [line('three', 400, { error: { code: 'content_policy_violation', message: `No ${KEY}` } })];
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(lines.join('\n'));
    });

  test('are uploaded, submitted, and collected from both files', async () => {
    vendor = await serve();
    const { batch } = openai({ baseUrl: vendor.baseUrl });
    const items = ['one', 'two', 'three'].map((id) => ({ id, request: { ...request, topK: 3 } }));
    const status = await batch?.submit(items, contextOf());
    expect(status).toMatchObject({
      id: 'batch_1',
      state: 'ended',
      counts: { total: 3, succeeded: 2, failed: 1 },
      createdAt: 1_790_000_000_000,
      warnings: { one: [{ feature: 'topK' }], three: [{ feature: 'topK' }] },
    });
    const [upload, made] = vendor.received;
    expect(upload?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(upload?.text).toContain('name="purpose"\r\n\r\nbatch');
    const lines =
      upload?.text
        .split('\r\n')
        .filter((one) => one.startsWith('{'))[0]
        ?.split('\n') ?? [];
    expect(lines.map((one) => JSON.parse(one))).toMatchObject([
      { custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body: { model: 'gpt-5.2' } },
      { custom_id: 'two' },
      { custom_id: 'three' },
    ]);
    expect(made?.body).toEqual({
      input_file_id: 'file-in',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    const results = [];
    for await (const result of batch?.results('batch_1', contextOf()) ?? []) results.push(result);
    expect(results).toMatchObject([
      { id: 'one', model: 'm' },
      { id: 'two', model: 'gpt-5.2' },
      { id: 'three', error: { code: 'CONTENT_FILTER', status: 400 } },
    ]);
    const [one, two, three] = results;
    for (const result of [one, two])
      expect(result && 'events' in result && fold(result.events).text).toBe('Yes.');
    expect(three && 'error' in three && three.error.message).not.toContain(KEY);
  });

  test('go to the endpoint that any of their requests needs', async () => {
    vendor = await serve();
    const items = [
      { id: 'one', request },
      { id: 'two', request: { ...request, model: 'gpt-5.2-pro' } },
    ];
    await openai({ baseUrl: vendor.baseUrl }).batch?.submit(items, contextOf());
    expect(vendor.received[1]?.body).toMatchObject({ endpoint: '/v1/responses' });
  });

  test('can be cancelled', async () => {
    vendor = await serve();
    const status = await openai({ baseUrl: vendor.baseUrl }).batch?.cancel('batch_1', contextOf());
    expect(status).toMatchObject({ state: 'cancelling' });
  });

  test.each(['../files', 'a b', ''])('%j is no id of one', async (id) => {
    vendor = await serve();
    await expect(openai({ baseUrl: vendor.baseUrl }).batch?.status(id, contextOf())).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect(vendor.received).toEqual([]);
  });
});
