import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { type Fixture, LLMock } from '@copilotkit/aimock';
import { createGateway, type Gateway, type Provider } from '@millrace/core';
import { fromAiSdk, toAiSdk } from '@millrace/providers/ai-sdk';
import { anthropic } from '@millrace/providers/anthropic';
import { openai } from '@millrace/providers/openai';
import {
  APICallError,
  embed,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
  wrapLanguageModel,
} from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const KEY = 'sk-test-bridge-0123456789';
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const fixtures: Fixture[] = [
  {
    match: { userMessage: 'How is the weather in the picture?', hasToolResult: false },
    response: {
      reasoning: 'The picture shows Paris.',
      toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }],
    },
  },
  {
    match: { userMessage: 'How is the weather in the picture?', hasToolResult: true },
    response: { reasoning: 'It said sunny.', content: 'It is sunny in Paris.' },
  },
  {
    match: { userMessage: 'A city as JSON' },
    response: {
      content: '{"city":"Paris"}',
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        input_tokens: 10,
        output_tokens: 5,
      },
    },
  },
  { match: { inputText: 'A river' }, response: { embedding: [0.1, 0.2] } },
  { match: { userMessage: 'A long story' }, response: { content: 'word '.repeat(500) }, latency: 20 },
  { match: { userMessage: 'Too fast' }, response: { error: { message: 'Slow down.' }, status: 429 } },
];

let emulator: LLMock;
let gateways: Readonly<Record<'native' | 'bridged', Gateway>>;
beforeAll(async () => {
  emulator = new LLMock({ port: 0, host: '127.0.0.1', strict: true, chunkSize: 5 });
  emulator.addFixtures(fixtures);
  await emulator.start();
  const baseUrl = `${emulator.url}/v1`;
  const native: Provider[] = [
    openai({ baseUrl, apiKey: KEY }),
    anthropic({ baseUrl: emulator.url, apiKey: KEY }),
  ];
  const bridged: Provider[] = [
    fromAiSdk(createOpenAI({ baseURL: baseUrl, apiKey: KEY }), {
      id: 'openai',
      models: [{ id: 'gpt-5.2', price: { input: 1, output: 2 } }],
    }),
    fromAiSdk(createAnthropic({ baseURL: baseUrl, apiKey: KEY }), { id: 'anthropic' }),
  ];
  const retry = { minDelayMs: 1 };
  gateways = {
    native: createGateway({ providers: native, retry }),
    bridged: createGateway({ providers: bridged, retry }),
  };
});
afterAll(async () => {
  for (const gateway of Object.values(gateways)) await gateway.close();
  await emulator.stop();
});

const MODELS = ['openai:gpt-5.2', 'anthropic:claude-opus-4-8'] as const;
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
const messages = [
  {
    role: 'user' as const,
    content: [
      { type: 'text' as const, text: 'How is the weather in the picture?' },
      { type: 'file' as const, mediaType: 'image/png', data: PIXEL },
    ],
  },
];
const outputSchema = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
});

describe.each(['native', 'bridged'] as const)('the AI SDK over a gateway of %s providers', (kind) => {
  const ai = () => toAiSdk(gateways[kind]);

  test.each(MODELS)('generateText: two steps with a tool, an image and reasoning, at %s', async (name) => {
    const result = await generateText({
      model: ai()(name),
      messages,
      tools,
      stopWhen: stepCountIs(2),
      reasoning: 'low',
      maxRetries: 0,
    });
    expect(result.text).toBe('It is sunny in Paris.');
    expect(result.steps).toHaveLength(2);
    expect(result.steps[0]?.toolCalls).toMatchObject([{ toolName: 'get_weather', input: { city: 'Paris' } }]);
    const facts = result.steps.map((step) => step.providerMetadata?.['millrace']);
    expect(facts).toMatchObject([{ route: { model: name.split(':')[1] } }, { cost: expect.anything() }]);
  });

  test.each(MODELS)('streamText: the same, at %s', async (name) => {
    const result = streamText({
      model: ai()(name),
      messages,
      tools,
      stopWhen: stepCountIs(2),
      reasoning: 'low',
    });
    let text = '';
    for await (const delta of result.textStream) text += delta;
    expect(text).toBe('It is sunny in Paris.');
    expect((await result.steps)[0]?.toolCalls).toMatchObject([{ toolName: 'get_weather' }]);
    expect(await result.finishReason).toBe('stop');
  });

  test('the signature of reasoning survives the steps of a tool loop', async () => {
    emulator.clearRequests?.();
    const result = await generateText({
      model: ai()('anthropic:claude-opus-4-8'),
      messages,
      tools,
      stopWhen: stepCountIs(2),
      reasoning: 'low',
    });
    const [first] = result.steps;
    const reasoning = first?.content.find(({ type }) => type === 'reasoning');
    expect(reasoning).toMatchObject({
      text: 'The picture shows Paris.',
      providerMetadata: { anthropic: {} },
    });
    // What was lost on the way to the second step would be a warning of it.
    expect(result.steps[1]?.warnings ?? []).toEqual([]);
  });

  test.each(MODELS)('structured output, at %s', async (name) => {
    const { output } = await generateText({
      model: ai()(name),
      prompt: 'A city as JSON',
      output: Output.object({ schema: outputSchema }),
    });
    expect(output).toEqual({ city: 'Paris' });
  });

  test('an abort ends the call of the gateway', async () => {
    const caller = new AbortController();
    const ended = new Promise<string>((resolve) => {
      const off = gateways[kind].on('call-end', ({ record }) => {
        off();
        resolve(record.status);
      });
    });
    const result = streamText({
      model: ai()('openai:gpt-5.2'),
      prompt: 'A long story',
      abortSignal: caller.signal,
      onError: () => undefined,
    });
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') caller.abort();
    }
    expect(await ended).toBe('cancelled');
  });

  test('a failure is an API call error that is not repeated on top of the gateway', async () => {
    const records: number[] = [];
    const off = gateways[kind].on('call-end', () => void records.push(1));
    const error = await generateText({ model: ai()('openai:gpt-5.2'), prompt: 'Too fast' }).catch(
      (reason) => reason,
    );
    off();
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 429, isRetryable: false });
    expect(records).toHaveLength(1);
  });
});

test('a model of an older specification is brought up to date as the error says', async () => {
  const { chat } = createOpenAI({ baseURL: `${emulator.url}/v1`, apiKey: KEY });
  const model = chat('gpt-5.2');
  const old = {
    specificationVersion: 'v3' as const,
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: {},
    doGenerate: (options: never) => model.doGenerate(options),
    doStream: (options: never) => model.doStream(options),
  };
  expect(() => fromAiSdk(old as never)).toThrow(/v3.*wrapLanguageModel/);
  const provider = fromAiSdk(wrapLanguageModel({ model: old as never, middleware: [] }), { id: 'old' });
  const gateway = createGateway({ providers: [provider] });
  expect((await gateway.chat({ model: 'old:gpt-5.2', prompt: 'A city as JSON' })).text).toBe(
    '{"city":"Paris"}',
  );
});

test('what a bridged model used is priced like any other', async () => {
  const { text, cost } = await gateways.bridged.chat({ model: 'openai:gpt-5.2', prompt: 'A city as JSON' });
  expect(text).toBe('{"city":"Paris"}');
  expect(cost.costUsd).toBeGreaterThan(0);
});

test('embeddings go through the gateway too', async () => {
  const { embedding, usage } = await embed({
    model: toAiSdk(gateways.native).embeddingModel('text-embedding-3-small'),
    value: 'A river',
  });
  expect(embedding.length).toBeGreaterThan(1);
  expect(usage.tokens).toBeGreaterThanOrEqual(0);
  const { rows } = await gateways.native.ledger.list({ limit: 1 });
  expect(rows[0]).toMatchObject({ operation: 'embed', model: 'text-embedding-3-small' });
});
