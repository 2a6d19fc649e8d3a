import type { ServerResponse } from 'node:http';
import { createFold, type Message, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { ollama } from './index.js';

let vendor: VendorServer | undefined;
afterEach(async () => {
  await vendor?.close();
  vendor = undefined;
  vi.unstubAllEnvs();
});

const SHOW = {
  model_info: { 'llama.context_length': 131_072 },
  capabilities: ['completion', 'tools', 'vision', 'thinking'],
};
const AT = '2026-11-20T10:00:00.123456Z';
const line = (message: object, rest: object = {}): object => ({
  model: 'llama3.2:3b',
  created_at: AT,
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...rest,
});
const DONE = {
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 12,
  eval_count: 3,
  total_duration: 5_000_000,
};
const ANSWER = line({ content: 'Yes.' }, DONE);
const request: ModelRequest = {
  model: 'llama3.2:3b',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};
const contextOf = (options: Partial<CallContext> = {}): CallContext => ({
  signal: new AbortController().signal,
  delivery: 'whole',
  ...options,
});
const fold = (events: readonly ModelEvent[]) => {
  const folded = createFold();
  for (const event of events) folded.add(event);
  return folded.reply();
};
const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** A server that tells of its model and answers a chat by a function. */
const serve = async (
  answer: (response: ServerResponse, body: Record<string, unknown>) => void,
  show: object = SHOW,
): Promise<Provider> => {
  vendor = await startVendor(({ path, body }, response) => {
    if (path === '/api/show') return json(response, show);
    answer(response, body);
  });
  return ollama({ baseUrl: new URL(vendor.baseUrl).origin });
};
const read = async (
  provider: Provider,
  asked: Partial<ModelRequest> = {},
  options: Partial<CallContext> = {},
) => {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream({ ...request, ...asked }, contextOf(options))) events.push(event);
  return events;
};
const chatBody = () => vendor?.received.find(({ path }) => path === '/api/chat')?.body ?? {};
const written = async (asked: Partial<ModelRequest>, show?: object) => {
  const reply = fold(await read(await serve((response) => json(response, ANSWER), show), asked));
  const features = reply.warnings.map((warning) =>
    'feature' in warning ? warning.feature : warning.message,
  );
  return { body: chatBody(), features };
};
const look = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;

describe('a request', () => {
  test('4.5.1 `stream` is always said, and 4.5.3 so are the context length and that nothing may be dropped', async () => {
    vi.stubEnv('OLLAMA_HOST', 'http://127.0.0.1:1');
    const { body } = await written({
      maxOutputTokens: 50,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      seed: 1,
      stopSequences: ['x'],
    });
    expect(body).toEqual({
      model: 'llama3.2:3b',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: false,
      truncate: false,
      shift: false,
      options: {
        num_predict: 50,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 4,
        seed: 1,
        stop: ['x'],
        num_ctx: 8_192,
      },
    });
  });

  test('4.5.11 instructions are an ordinary message, of the role system', async () => {
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ];
    const { body } = await written({ messages });
    expect(body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  test('4.5.12 how long the model stays loaded is passed on, and loading it may take its time', async () => {
    const { body } = await written({ providerOptions: { ollama: { keep_alive: '30m' } } });
    expect(body['keep_alive']).toBe('30m');
    expect(ollama().firstEventMs).toBeGreaterThan(120_000);
  });

  test('4.5.3 the context grows with the request in steps, up to what the model takes', async () => {
    const long: Message = { role: 'user', content: [{ type: 'text', text: 'x'.repeat(60_000) }] };
    expect((await written({ messages: [long] })).body['options']).toMatchObject({ num_ctx: 32_768 });
    await vendor?.close();
    const small = { model_info: { 'qwen.context_length': 16_000 } };
    expect((await written({ messages: [long] }, small)).body['options']).toMatchObject({ num_ctx: 16_000 });
    await vendor?.close();
    const providerOptions = { ollama: { options: { num_ctx: 4_000, num_gpu: 1 }, keep_alive: '1m' } };
    expect((await written({ providerOptions })).body).toMatchObject({
      options: { num_ctx: 4_000, num_gpu: 1 },
      keep_alive: '1m',
    });
  });

  test('4.5.4 thinking is switched on and off, by level where the model has levels, and left out where it cannot', async () => {
    expect((await written({ reasoning: 'high' })).body['think']).toBe(true);
    await vendor?.close();
    expect((await written({ reasoning: 'none' })).body['think']).toBe(false);
    await vendor?.close();
    const levels = await written({ model: 'gpt-oss:20b', reasoning: 'none' });
    expect(levels.body['think']).toBe('low');
    expect(levels.features).toEqual(['reasoning']);
    await vendor?.close();
    const never = await written({ reasoning: 'high' }, { capabilities: ['completion'] });
    expect(never.body).not.toHaveProperty('think');
    expect(never.features).toEqual(['reasoning']);
  });

  test('4.5.6 calls and their results: arguments are an object, results name their tool', async () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { a: 1 } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'look',
            output: { type: 'error-text', value: 'no' },
          },
        ],
      },
    ];
    expect((await written({ messages })).body['messages']).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c1', function: { name: 'look', arguments: { a: 1 } } }],
      },
      { role: 'tool', tool_name: 'look', tool_call_id: 'c1', content: 'Error: no' },
    ]);
  });

  test('4.5.8 a schema or plain JSON is the format', async () => {
    const schema = { type: 'object' };
    expect((await written({ responseFormat: { type: 'json', schema } })).body['format']).toEqual(schema);
    await vendor?.close();
    expect((await written({ responseFormat: { type: 'json' } })).body['format']).toBe('json');
  });

  test('4.5.9 the choice of tools is made by offering fewer', async () => {
    const other = { ...look, name: 'other' };
    const names = async (toolChoice: ModelRequest['toolChoice']) => {
      const { body, features } = await written({ tools: [look, other], toolChoice });
      await vendor?.close();
      const tools = body['tools'] as { function: { name: string } }[] | undefined;
      return [tools?.map((tool) => tool.function.name), features];
    };
    expect(await names({ type: 'none' })).toEqual([undefined, []]);
    expect(await names({ type: 'auto' })).toEqual([['look', 'other'], []]);
    expect(await names({ type: 'tool', toolName: 'other' })).toEqual([['other'], ['toolChoice']]);
    expect(await names({ type: 'required' })).toEqual([['look', 'other'], ['toolChoice']]);
  });

  test('4.5.10 images are bare base64, and nothing is fetched: a URL is refused before anything is sent', async () => {
    const image = (data: object): Message => ({
      role: 'user',
      content: [
        { type: 'text', text: 'What?' },
        { type: 'file', mediaType: 'image/png', data: data as never },
      ],
    });
    const { body } = await written({ messages: [image({ type: 'data', data: new Uint8Array([1, 2]) })] });
    expect(body['messages']).toEqual([{ role: 'user', content: 'What?', images: ['AQI='] }]);
    const byUrl = read(ollama({ baseUrl: new URL(vendor?.baseUrl ?? '').origin }), {
      messages: [image({ type: 'url', url: 'https://x/y.png' })],
    });
    await expect(byUrl).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(vendor?.received.filter(({ path }) => path === '/api/chat')).toHaveLength(1);
  });

  test('what the model cannot do is said before it is asked', async () => {
    const provider = await serve((response) => json(response, ANSWER), { capabilities: ['completion'] });
    await expect(read(provider, { tools: [look] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('takes no tools'),
    });
    expect(vendor?.received.map(({ path }) => path)).toEqual(['/api/show']);
  });

  test('a server that tells nothing of its models is asked all the same', async () => {
    vendor = await startVendor(({ path }, response) =>
      path === '/api/show' ? json(response, { error: 'unknown' }, 404) : json(response, ANSWER),
    );
    const provider = ollama({ baseUrl: new URL(vendor.baseUrl).origin, apiKey: 'k' });
    expect(fold(await read(provider, {}, { credential: { apiKey: 'k' } })).text).toBe('Yes.');
    expect(vendor.received.at(-1)?.headers['authorization']).toBe('Bearer k');
  });
});

describe('an answer', () => {
  const stream =
    (...lines: readonly object[]) =>
    (response: ServerResponse): void =>
      void response
        .writeHead(200, { 'content-type': 'application/x-ndjson' })
        .end(lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const incremental = { delivery: 'incremental' } as const;

  test('whole and in lines is the same; 4.5.2 counts that are missing are unknown, not zero', async () => {
    const whole = fold(await read(await serve((response) => json(response, ANSWER))));
    expect(whole).toMatchObject({
      text: 'Yes.',
      finishReason: 'stop',
      usage: { inputTokens: { total: 12 }, outputTokens: { total: 3, reasoning: undefined } },
      providerMetadata: { ollama: { total_duration: 5_000_000 } },
    });
    await vendor?.close();
    const lines = [line({ content: 'Ye' }), line({ content: 's.' }), line({}, DONE)];
    expect(fold(await read(await serve(stream(...lines)), {}, incremental))).toEqual(whole);
    await vendor?.close();
    const uncounted = await read(await serve(stream(line({}, { done: true }))), {}, incremental);
    expect(fold(uncounted).usage.inputTokens.total).toBeUndefined();
  });

  test('4.5.5 thinking comes before the text, also on the last line', async () => {
    const lines = [line({ thinking: 'Hm' }), line({ content: 'Yes.' }), line({ thinking: ' so' }, DONE)];
    const reply = fold(await read(await serve(stream(...lines)), {}, incremental));
    expect(reply.content).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes.' },
      { type: 'reasoning', text: ' so' },
    ]);
  });

  test('4.5.6 and 4.5.7 calls of several lines get ids, and `stop` with calls is tool-calls', async () => {
    const call = (name: string, extra: object = {}) => ({
      tool_calls: [{ function: { name, arguments: { a: 1 } }, ...extra }],
    });
    const lines = [line(call('look')), line(call('see', { id: 'mine' })), line({}, DONE)];
    const reply = fold(await read(await serve(stream(...lines)), {}, incremental));
    expect(reply.toolCalls.map(({ toolCallId, input }) => [toolCallId, input])).toEqual([
      ['call_20261120100000123456_0', { a: 1 }],
      ['mine', { a: 1 }],
    ]);
    expect(reply).toMatchObject({ finishReason: 'tool-calls', rawFinishReason: 'stop' });
    await vendor?.close();
    const unload = line({}, { ...DONE, done_reason: 'unload' });
    const other = fold(await read(await serve(stream(unload)), {}, incremental));
    expect(other).toMatchObject({ finishReason: 'other', rawFinishReason: 'unload' });
  });

  test('an error among the lines, a cut stream and an overlong prompt are failures', async () => {
    const half = line({ content: 'Ye' });
    await expect(
      read(await serve(stream(half, { error: 'llama runner process has terminated' })), {}, incremental),
    ).rejects.toMatchObject({ code: 'SERVER_ERROR', message: expect.stringContaining('terminated') });
    await vendor?.close();
    await expect(read(await serve(stream(half)), {}, incremental)).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    await vendor?.close();
    const tooLong = await serve((response) =>
      json(response, { error: 'the input length exceeds the context length' }, 400),
    );
    await expect(read(tooLong)).rejects.toMatchObject({ code: 'CONTEXT_LENGTH' });
    await vendor?.close();
    const missing = await serve((response) => json(response, { error: "model 'x' not found" }, 404));
    await expect(read(missing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an abort reaches the socket', async () => {
    const provider = await serve((response) => {
      response
        .writeHead(200, { 'content-type': 'application/x-ndjson' })
        .write(`${JSON.stringify(line({ content: 'a' }))}\n`);
    });
    const controller = new AbortController();
    const reading = read(provider, {}, { ...incremental, signal: controller.signal });
    await vi.waitFor(() => expect(vendor?.received).toHaveLength(2));
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await vendor?.received[1]?.left;
  });
});

describe('besides calls', () => {
  test('4.5.13 models are discovered with what they can do; those of the cloud are not free', async () => {
    vendor = await startVendor(({ path }, response) =>
      json(
        response,
        path === '/api/tags'
          ? {
              models: [
                { name: 'llama3.2:3b' },
                { name: 'big-cloud', remote_model: 'big', remote_host: 'https://x' },
              ],
            }
          : SHOW,
      ),
    );
    const provider = ollama({ baseUrl: `${new URL(vendor.baseUrl).origin}/v1` });
    expect(await provider.discoverModels?.(contextOf())).toEqual([
      {
        id: 'llama3.2:3b',
        tier: 'economy',
        price: { input: 0, output: 0 },
        contextWindow: 131_072,
        capabilities: { tools: true, vision: true, json: 'schema', reasoning: true },
      },
      expect.not.objectContaining({ price: expect.anything() }),
    ]);
    expect(await provider.verify?.(contextOf())).toMatchObject({ status: 'verified' });
  });

  test('vectors come with their count', async () => {
    vendor = await startVendor((_request, response) =>
      json(response, { model: 'nomic', embeddings: [[1], [2]], prompt_eval_count: 9 }),
    );
    const provider = ollama({ baseUrl: new URL(vendor.baseUrl).origin });
    expect(await provider.embed?.({ model: 'nomic', values: ['a', 'b'] }, contextOf())).toEqual({
      embeddings: [[1], [2]],
      modelId: 'nomic',
      tokensIn: 9,
      warnings: [],
    });
    expect(vendor.received[0]?.body).toEqual({ model: 'nomic', input: ['a', 'b'], truncate: false });
  });
});
