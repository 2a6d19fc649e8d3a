import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import type { LLMock } from '@copilotkit/aimock';
import { createGateway, type Gateway } from '@millrace/core';
import { type AiSdkGateway, fromAiSdk, toAiSdk } from '@millrace/providers/ai-sdk';
import { ANTHROPIC_MODELS, anthropic } from '@millrace/providers/anthropic';
import { OPENAI_MODELS, openai } from '@millrace/providers/openai';
import { generateText, jsonSchema, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ASK, KEY, SAID, startAiSdkEmulator } from './support/ai-sdk-emulator.ts';
import { type ChaosUpstream, startChaosUpstream } from './support/chaos-upstream.ts';
import { type RecordingProxy, startRecordingProxy } from './support/recording-proxy.ts';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let emulator: LLMock;
let proxy: RecordingProxy;
let chaos: ChaosUpstream;
beforeAll(async () => {
  [emulator, chaos] = await Promise.all([startAiSdkEmulator(), startChaosUpstream()]);
  proxy = await startRecordingProxy(emulator.url);
});
afterAll(async () => {
  await Promise.all([proxy[Symbol.asyncDispose](), chaos.close()]);
  await emulator.stop();
});
beforeEach(() => {
  asked();
  emulator.resetMatchCounts();
});

/** What the vendor was asked since the last time. */
const asked = (): string[] => proxy.received.splice(0).map(({ path, body }) => `${path} ${body}`);

/** The emulator makes up a new id for everything; here they are numbered. */
const withoutIds = (value: unknown): unknown => {
  const ids = new Map<string, string>();
  const text = JSON.stringify(value).replace(/(?:msg|rs|fc|resp|chatcmpl)[-_][\w-]{8,}/g, (id) => {
    if (!ids.has(id)) ids.set(id, `id-${ids.size}`);
    return ids.get(id) ?? id;
  });
  return JSON.parse(text) as unknown;
};

const tools = {
  get_weather: tool({
    description: 'The weather of a city.',
    inputSchema: jsonSchema<{ city: string }>({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    }),
    execute: ({ city }) => ({ sky: `sunny in ${city}` }),
  }),
};
const picture = [
  {
    role: 'user' as const,
    content: [
      { type: 'text' as const, text: ASK.weather },
      { type: 'file' as const, mediaType: 'image/png', data: PIXEL },
    ],
  },
];
const schema = jsonSchema<{ city: string; celsius: number }>({
  type: 'object',
  properties: { city: { type: 'string' }, celsius: { type: 'number' } },
  required: ['city', 'celsius'],
  additionalProperties: false,
});

type Options = Parameters<typeof generateText>[0];

/** All that a caller sees of an answer, whichever function gave it; ids that the emulator makes up are left out. */
const observed = async (done: ReturnType<typeof streamText> | Awaited<ReturnType<typeof generateText>>) => {
  const steps = await done.steps;
  return {
    text: await done.text,
    finishReason: await done.finishReason,
    steps: steps.map(({ content, finishReason, rawFinishReason, usage }) => ({
      // Anthropic's note that the answer begins, which the gateway leaves out.
      content: content.filter((part) => part.type !== 'custom'),
      finishReason,
      rawFinishReason,
      tokens: [usage.inputTokens, usage.outputTokens, usage.totalTokens],
    })),
  };
};
const WAYS = {
  generateText: async (options: Options) => observed(await generateText(options)),
  streamText: (options: Options) => observed(streamText(options)),
} as const;
const NAMES = Object.keys(WAYS) as (keyof typeof WAYS)[];

describe.each([
  ['openai', 'openai:gpt-5.2'],
  ['anthropic', 'anthropic:claude-opus-4-8'],
] as const)('a gateway as a provider of the AI SDK, over %s', (vendor, id) => {
  let gateway: Gateway;
  let millrace: AiSdkGateway;
  beforeAll(() => {
    gateway = createGateway({
      providers: [
        openai({ baseUrl: `${proxy.url}/v1`, apiKey: KEY }),
        anthropic({ baseUrl: proxy.url, apiKey: KEY }),
      ],
    });
    millrace = toAiSdk(gateway, { retries: 'caller' });
  });
  afterAll(() => gateway.close());

  test.each(NAMES)('%s answers', async (name) => {
    const answer = await WAYS[name]({ model: millrace(id), prompt: ASK.answer });
    expect(answer).toMatchObject({ text: SAID.answer, finishReason: 'stop' });
    expect(answer.steps[0]?.tokens).toEqual([100, 20, 120]);
  });

  test.each(NAMES)(
    '%s runs a tool in two steps, with a picture and reasoning that goes back',
    async (name) => {
      const answer = await WAYS[name]({
        model: millrace(id),
        messages: picture,
        tools,
        stopWhen: stepCountIs(3),
        reasoning: 'low',
      });
      expect(answer.text).toBe(SAID.weather);
      expect(answer.steps).toHaveLength(2);
      expect(answer.steps[0]?.content).toMatchObject([
        { type: 'reasoning', text: SAID.reasoning },
        { type: 'tool-call', toolName: 'get_weather', input: { city: 'Paris' } },
        { type: 'tool-result', output: { sky: 'sunny in Paris' } },
      ]);
      const [first, second] = asked();
      expect(first).toContain(PIXEL);
      expect(second).toContain('sunny in Paris');
      if (vendor === 'anthropic') expect(second).toContain(SAID.signature);
    },
  );

  test('structured output fits its schema', async () => {
    const { output } = await generateText({
      model: millrace(id),
      prompt: ASK.json,
      output: Output.object({ schema }),
    });
    expect(output).toEqual({ city: 'Paris', celsius: 21 });
    const stream = streamText({ model: millrace(id), prompt: ASK.json, output: Output.object({ schema }) });
    expect(await stream.output).toEqual({ city: 'Paris', celsius: 21 });
    expect(asked()[0]).toContain('additionalProperties');
  });

  test.each(NAMES)('%s waits and tries again when the vendor is busy', async (name) => {
    const answer = await WAYS[name]({ model: millrace(id), prompt: ASK.busy, maxRetries: 1 });
    expect(answer.text).toBe(SAID.answer);
    expect(asked()).toHaveLength(2);
  });

  test('tells what the call cost, and the ledger agrees', async () => {
    const { providerMetadata } = await generateText({
      model: millrace(id),
      prompt: ASK.answer,
      providerOptions: { millrace: { project: 'shop' } },
    });
    const [record] = (await gateway.ledger.list()).rows;
    expect(record).toMatchObject({ provider: vendor, project: 'shop' });
    expect(record?.costUsd).toBeGreaterThan(0);
    expect(providerMetadata?.['millrace']).toMatchObject({
      callId: record?.id,
      cost: { costUsd: record?.costUsd },
    });
  });
});

describe.each([
  [
    'OpenAI responses',
    OPENAI_MODELS,
    'gpt-5.2',
    (url: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey: KEY }),
  ],
  [
    'OpenAI chat',
    OPENAI_MODELS,
    'gpt-4o',
    (url: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey: KEY }).chat,
  ],
  [
    'Anthropic',
    ANTHROPIC_MODELS,
    'claude-opus-4-8',
    (url: string) => createAnthropic({ baseURL: `${url}/v1`, apiKey: KEY }),
  ],
] as const)("the AI SDK's %s as a provider of a gateway", (_name, models, modelId, create) => {
  let gateway: Gateway;
  let direct: LanguageModel;
  let behind: LanguageModel;
  beforeAll(() => {
    const source = create(proxy.url);
    gateway = createGateway({ providers: [fromAiSdk(source, { id: 'sdk', models })], retry: { retries: 0 } });
    direct = source(modelId);
    behind = toAiSdk(gateway)(`sdk:${modelId}`);
  });
  afterAll(() => gateway.close());

  test.each(['chat', 'stream'] as const)('answers by %s, and the ledger knows the price', async (way) => {
    const request = { model: `sdk:${modelId}`, prompt: ASK.answer };
    const reply = way === 'chat' ? await gateway.chat(request) : await gateway.stream(request).reply();
    expect(reply).toMatchObject({ text: SAID.answer, finishReason: 'stop', warnings: [] });
    expect(reply.usage).toMatchObject({
      inputTokens: { total: 100 },
      outputTokens: { total: 20 },
      estimated: false,
    });
    const record = await gateway.ledger.get(reply.id);
    expect(record).toMatchObject({ provider: 'sdk', model: modelId, tokensIn: 100, tokensOut: 20 });
    expect(record?.costUsd).toBeGreaterThan(0);
  });

  test.each(['chat', 'stream'] as const)(
    'runs a tool in two steps by %s, with a picture and reasoning',
    async (way) => {
      const ask = (messages: Parameters<Gateway['chat']>[0]['messages']) => {
        const request = {
          model: `sdk:${modelId}`,
          messages,
          reasoning: 'low',
          tools: [
            {
              name: 'get_weather',
              inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
            },
          ],
        } as const;
        return way === 'chat' ? gateway.chat(request) : gateway.stream(request).reply();
      };
      const question = {
        role: 'user',
        content: [
          { type: 'text', text: ASK.weather },
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: PIXEL } },
        ],
      } as const;
      const first = await ask([question]);
      expect(first.toolCalls).toMatchObject([{ toolName: 'get_weather', input: { city: 'Paris' } }]);
      const [call] = first.toolCalls;
      const output = { type: 'json', value: { sky: 'sunny' } } as const;
      const second = await ask([
        question,
        first.message,
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: call?.toolCallId ?? '', toolName: 'get_weather', output },
          ],
        },
      ]);
      expect(second.text).toBe(SAID.weather);
      const bodies = asked();
      expect(bodies[0]).toContain(PIXEL);
      if (modelId.startsWith('claude')) expect(bodies[1]).toContain(SAID.signature);
    },
  );

  test('structured output fits its schema', async () => {
    const { output } = await gateway.chat({
      model: `sdk:${modelId}`,
      prompt: ASK.json,
      output: {
        schema: { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false },
      },
    });
    expect(output).toEqual({ city: 'Paris', celsius: 21 });
  });

  test('a refusal has its code and its wait, and shows no key', async () => {
    await expect(gateway.chat({ model: `sdk:${modelId}`, prompt: ASK.busy })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      status: 429,
      retryAfterMs: 0,
      message: expect.not.stringContaining(KEY),
    });
  });

  test.each(NAMES)('%s gives and asks the same as without the gateway', async (name) => {
    const options = { messages: picture, tools, stopWhen: stepCountIs(3), reasoning: 'low' } as const;
    const expected = await WAYS[name]({ ...options, model: direct });
    const expectedRequests = asked();
    expect(withoutIds(await WAYS[name]({ ...options, model: behind }))).toEqual(withoutIds(expected));
    expect(withoutIds(asked())).toEqual(withoutIds(expectedRequests));
    expect(expectedRequests).toHaveLength(2);
  });
});

describe('a conversation hops between our adapters and models of the AI SDK', () => {
  let gateway: Gateway;
  beforeAll(() => {
    const url = `${proxy.url}/v1`;
    gateway = createGateway({
      providers: [
        openai({ baseUrl: url, apiKey: KEY }),
        anthropic({ baseUrl: proxy.url, apiKey: KEY }),
        fromAiSdk(createOpenAI({ baseURL: url, apiKey: KEY }), { id: 'sdk-openai' }),
        fromAiSdk(createAnthropic({ baseURL: url, apiKey: KEY }), { id: 'sdk-anthropic' }),
      ],
    });
  });
  afterAll(() => gateway.close());

  const CLAUDE = ['anthropic:claude-opus-4-8', 'sdk-anthropic:claude-opus-4-8'];
  const MODELS = ['openai:gpt-5.2', 'sdk-openai:gpt-5.2', ...CLAUDE];
  const hops = MODELS.flatMap((from) => MODELS.filter((to) => to !== from).map((to) => [from, to] as const));
  test.each(hops)('from %s to %s', async (from, to) => {
    const question = { role: 'user', content: ASK.weather } as const;
    const request = {
      tools: [{ name: 'get_weather', inputSchema: { type: 'object' } }],
      reasoning: 'low',
    } as const;
    // As a host would that keeps conversations in a database.
    const first = JSON.parse(
      JSON.stringify(await gateway.stream({ ...request, model: from, messages: [question] }).reply()),
    ) as Awaited<ReturnType<Gateway['chat']>>;
    const output = { type: 'text', value: 'sunny' } as const;
    const toolCallId = first.toolCalls[0]?.toolCallId ?? '';
    asked();
    const { text } = await gateway.chat({
      ...request,
      model: to,
      messages: [
        question,
        first.message,
        { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName: 'get_weather', output }] },
      ],
    });
    expect(text).toBe(SAID.weather);
    // The same vendor recognises its signature, whichever of the two adapters kept it.
    if (CLAUDE.includes(from) && CLAUDE.includes(to)) expect(asked()[0]).toContain(SAID.signature);
  });
});

describe('an abort reaches the socket', () => {
  const MODEL = 'gpt-4o';
  const sources = {
    'through toAiSdk': () =>
      toAiSdk(createGateway({ providers: [openai({ baseUrl: chaos.baseUrl, apiKey: KEY })] }))(
        `openai:${MODEL}`,
      ),
    'through both': () => {
      const source = createOpenAI({ baseURL: chaos.baseUrl, apiKey: KEY }).chat(MODEL);
      return toAiSdk(createGateway({ providers: [fromAiSdk(source, { id: 'openai' })] }))(`openai:${MODEL}`);
    },
  };
  test.each(Object.entries(sources))('of streamText, %s', async (_name, model) => {
    const before = chaos.requests.length;
    const controller = new AbortController();
    const aborted = vi.fn();
    const stream = streamText({
      model: model(),
      prompt: 'Count.',
      abortSignal: controller.signal,
      onAbort: aborted,
      onError: () => undefined,
    });
    for await (const text of stream.textStream) if (text.includes('3')) controller.abort();
    await vi.waitFor(() => expect(chaos.active()).toBe(0), 3_000);
    expect(chaos.requests.length).toBe(before + 1);
    expect(chaos.requests.at(-1)).toMatchObject({ closedEarly: true, finished: false });
    expect(aborted).toHaveBeenCalledOnce();
  });

  test('of a native stream over fromAiSdk', async () => {
    const source = createOpenAI({ baseURL: chaos.baseUrl, apiKey: KEY }).chat(MODEL);
    const gateway = createGateway({
      providers: [fromAiSdk(source, { id: 'openai', models: OPENAI_MODELS })],
    });
    for await (const event of gateway.stream({ model: `openai:${MODEL}`, prompt: 'Count.' }))
      if (event.type === 'text-delta' && event.delta.includes('3')) break;
    await vi.waitFor(() => expect(chaos.active()).toBe(0), 3_000);
    expect(chaos.requests.at(-1)).toMatchObject({ closedEarly: true });
    expect((await gateway.ledger.list()).rows).toMatchObject([{ status: 'cancelled', estimated: true }]);
  });
});
