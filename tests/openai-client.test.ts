import type { LLMock } from '@copilotkit/aimock';
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ASK, FAILURES, SAID, startEmulator, VENDOR_KEY } from './support/emulator.ts';
import { type ExampleServer, startApart, startHere } from './support/example-server.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const MODEL = 'gpt-4o-mini';
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

type Params = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model' | 'stream'> & {
  readonly model?: string;
};

const user = (content: string): OpenAI.ChatCompletionMessageParam => ({ role: 'user', content });
const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather in a city.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];
const toolTurns: OpenAI.ChatCompletionMessageParam[] = [
  user(ASK.weather),
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
];

/** What is asked, and what must be in the answer, so that two empty answers are not taken for equal. */
const CALLS: readonly (readonly [name: string, params: Params, expected: string])[] = [
  ['a text answer', { messages: [user(ASK.answer)] }, SAID.answer],
  ['an answer with reasoning', { messages: [user(ASK.reasoning)], model: 'gpt-5-mini' }, SAID.reasoning],
  ['a tool call', { messages: [user(ASK.weather)], tools }, 'get_weather'],
  ['text and two tool calls', { messages: [user(ASK.twoTools)], tools, tool_choice: 'required' }, 'call_2'],
  ['the answer to a tool result', { messages: toolTurns, tools }, SAID.weather],
  [
    'JSON held to a schema',
    {
      messages: [user(ASK.json)],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'city', strict: true, schema: { type: 'object', additionalProperties: true } },
      },
    },
    'celsius',
  ],
  [
    'an image',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: ASK.image },
            { type: 'image_url', image_url: { url: PIXEL } },
          ],
        },
      ],
    },
    SAID.image,
  ],
];

let emulator: LLMock;
let vendor: OpenAI;
beforeAll(async () => {
  emulator = await startEmulator();
  vendor = clientOf(`${emulator.url}/v1`, VENDOR_KEY);
});
afterAll(() => emulator.stop());

const clientOf = (baseURL: string, apiKey = 'sk-test-client'): OpenAI =>
  new OpenAI({ baseURL, apiKey, maxRetries: 0 });

/** All that a client can see of a whole answer. */
const whole = (client: OpenAI, params: Params) => client.chat.completions.create({ model: MODEL, ...params });

/** What the chunks of a stream add up to: how an answer is cut into pieces is no promise. */
const streamed = async (client: OpenAI, params: Params): Promise<object> => {
  const stream = await client.chat.completions.create({
    model: MODEL,
    ...params,
    stream: true,
    stream_options: { include_usage: true },
  });
  const envelopes = new Set<string>();
  const toolCalls: Record<number, { id?: string; name?: string; arguments: string }> = {};
  const seen = { content: '', reasoning: '', role: '', finish: '', usage: undefined as unknown };
  for await (const chunk of stream) {
    envelopes.add(`${chunk.id} ${chunk.object} ${chunk.created} ${chunk.model}`);
    seen.usage = chunk.usage ?? seen.usage;
    const [choice] = chunk.choices;
    if (choice === undefined) continue;
    const delta: typeof choice.delta & { reasoning_content?: string } = choice.delta;
    seen.content += delta.content ?? '';
    seen.reasoning += delta.reasoning_content ?? '';
    seen.role += delta.role ?? '';
    seen.finish += choice.finish_reason ?? '';
    for (const call of delta.tool_calls ?? []) {
      toolCalls[call.index] ??= { arguments: '' };
      const target = toolCalls[call.index];
      if (target === undefined) continue;
      if (call.id !== undefined) target.id = call.id;
      if (call.function?.name !== undefined) target.name = call.function.name;
      target.arguments += call.function?.arguments ?? '';
    }
  }
  return { ...seen, envelopes: [...envelopes], toolCalls };
};

const failureOf = async (work: Promise<unknown>): Promise<APIError> => {
  const error: unknown = await work.then(
    () => new Error('The call did not fail.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof APIError) return error;
  throw error;
};

describe.each([
  ['in this process', startHere],
  ['in a process of its own', startApart],
])('the example server %s, with the official OpenAI client', (_where, start) => {
  let server: ExampleServer;
  let client: OpenAI;
  beforeAll(async () => {
    server = await start(`${emulator.url}/v1`);
    client = clientOf(server.baseUrl);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each(CALLS)('answers %s as the vendor does', async (_name, params, expected) => {
    const answer = await whole(client, params);
    expect(JSON.stringify(answer)).toContain(JSON.stringify(expected).slice(1, -1));
    expect(answer).toMatchObject(await whole(vendor, params));
  });

  test.each(CALLS)('streams %s as the vendor does', async (_name, params, expected) => {
    const answer = await streamed(client, params);
    expect(JSON.stringify(answer)).toContain(JSON.stringify(expected).slice(1, -1));
    // Our usage names details that the emulator leaves out.
    expect(answer).toMatchObject(await streamed(vendor, params));
  });

  test('says who answered, and keeps the account of it at the price of the model', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: MODEL, messages: [user(ASK.answer)] })
      .withResponse();
    expect(response.headers.get('x-provider')).toBe('openai');
    expect(response.headers.get('x-model')).toBe(MODEL);
    expect(data.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20 });
    const record = await server.record(response.headers.get('x-task-id') ?? '');
    expect(record).toMatchObject({
      status: 'success',
      provider: 'openai',
      model: MODEL,
      tokensIn: 100,
      tokensOut: 20,
      estimated: false,
    });
    expect(record.costUsd).toBeCloseTo((100 * 0.15 + 20 * 0.6) / 1e6, 12);
  });

  test("sends its own key to the vendor, which would refuse the client's", async () => {
    const direct = clientOf(`${emulator.url}/v1`);
    await expect(whole(direct, { messages: [user(ASK.answer)] })).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(whole(client, { messages: [user(ASK.answer)] })).resolves.toBeDefined();
  });

  describe.each(Object.keys(FAILURES) as (keyof typeof FAILURES)[])('a vendor who says "%s"', (prompt) => {
    test.each([true, false])('throws what the vendor throws (stream: %s)', async (stream) => {
      const ask = (from: OpenAI) =>
        failureOf(from.chat.completions.create({ model: MODEL, messages: [user(prompt)], stream }));
      const [ours, theirs] = await Promise.all([ask(client), ask(vendor)]);
      expect(ours.constructor).toBe(theirs.constructor);
      expect(ours.message).toContain(FAILURES[prompt].error.message);
      expect(ours.headers?.get('retry-after') ?? null).toBe(theirs.headers?.get('retry-after') ?? null);
      if ((theirs.status ?? 0) < 500) expect(ours.status).toBe(theirs.status);
      if (theirs.code !== null && theirs.code !== undefined) expect(ours.code).toBe(theirs.code);
      expect(ours.param ?? null).toBe(theirs.param ?? null);
    });
  });

  test('repeats what failed, and keeps the account of both', async () => {
    emulator.nextRequestError(500, { message: 'Once.', type: 'server_error' });
    const { data, response } = await client.chat.completions
      .create({ model: MODEL, messages: [user(ASK.answer)] })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(SAID.answer);
    const { id } = await server.record(response.headers.get('x-task-id') ?? '');
    const newestFirst = await server.records();
    const last = newestFirst.find((record) => record.id === id);
    expect(last).toMatchObject({ status: 'success', attempt: 2 });
    const retried = newestFirst.find((record) => record.groupId === id && record.id !== id);
    expect(retried).toMatchObject({ status: 'retried', errorCode: 'SERVER_ERROR', attempt: 1 });
  });

  test('lists its models, and says which one it does not have', async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids).toContain(`openai:${MODEL}`);
    const error = await failureOf(
      client.chat.completions.create({ model: 'gpt-4o-minni', messages: [user('Hi')] }),
    );
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error.code).toBe('model_not_found');
    expect(error.message).toContain('gpt-4o-mini');
  });

  test('refuses what the vendor would refuse, before it is asked', async () => {
    const before = emulator.getRequests().length;
    const error = await failureOf(client.chat.completions.create({ model: MODEL, messages: [] }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(emulator.getRequests().length).toBe(before);
  });
});
