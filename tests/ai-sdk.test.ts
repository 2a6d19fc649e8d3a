import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LLMock } from '@copilotkit/aimock';
import {
  APICallError,
  generateText,
  jsonSchema,
  type LanguageModel,
  Output,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASK, FAILURES, SAID, startEmulator, VENDOR_KEY } from './support/emulator.ts';
import { type ExampleServer, startHere } from './support/example-server.ts';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const modelAt = (baseURL: string, model = 'gpt-4o-mini'): LanguageModel =>
  createOpenAICompatible({
    name: 'millrace',
    baseURL,
    apiKey: VENDOR_KEY,
    includeUsage: true,
    supportsStructuredOutputs: true,
  }).chatModel(model);

const tools = {
  get_weather: tool({
    description: 'The weather in a city.',
    inputSchema: jsonSchema<{ city: string }>({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    }),
    execute: ({ city }) => `sunny in ${city}`,
  }),
};
const citySchema = jsonSchema<{ city: string; celsius: number }>({
  type: 'object',
  properties: { city: { type: 'string' }, celsius: { type: 'number' } },
  required: ['city', 'celsius'],
  additionalProperties: false,
});

let emulator: LLMock;
let server: ExampleServer;
let ours: LanguageModel;
let theirs: LanguageModel;
beforeAll(async () => {
  emulator = await startEmulator();
  server = await startHere(`${emulator.url}/v1`);
  ours = modelAt(server.baseUrl);
  theirs = modelAt(`${emulator.url}/v1`);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await emulator.stop();
});

/** What a caller sees of a result. Usage is compared by its totals: the emulator leaves out the details. */
const generated = async (options: Parameters<typeof generateText>[0]) => {
  const { text, finishReason, steps, toolCalls, toolResults, usage } = await generateText(options);
  return {
    text,
    finishReason,
    toolCalls,
    toolResults,
    tokens: [usage.inputTokens, usage.outputTokens, usage.totalTokens],
    steps: steps.map((step) => ({ text: step.text, toolCalls: step.toolCalls, finish: step.finishReason })),
  };
};
const streamed = async (options: Parameters<typeof streamText>[0]) => {
  const result = streamText({ ...options, onError: () => undefined });
  let text = '';
  for await (const delta of result.textStream) text += delta;
  const usage = await result.totalUsage;
  return {
    text,
    finishReason: await result.finishReason,
    tokens: [usage.inputTokens, usage.outputTokens, usage.totalTokens],
    steps: (await result.steps).map((step) => ({ text: step.text, toolCalls: step.toolCalls })),
  };
};

describe('the example server, with the AI SDK', () => {
  test('generateText gives the answer and the usage of the vendor', async () => {
    const answer = await generated({ model: ours, prompt: ASK.answer });
    expect(answer).toMatchObject({ text: SAID.answer, finishReason: 'stop', tokens: [100, 20, 120] });
    expect(answer).toEqual(await generated({ model: theirs, prompt: ASK.answer }));
  });

  test('streamText gives the answer and the usage of the vendor', async () => {
    const answer = await streamed({ model: ours, prompt: ASK.answer });
    expect(answer).toMatchObject({ text: SAID.answer, finishReason: 'stop', tokens: [100, 20, 120] });
    expect(answer).toEqual(await streamed({ model: theirs, prompt: ASK.answer }));
  });

  test.each([
    ['generateText', generated],
    ['streamText', streamed],
  ])('%s runs a tool and answers in a second step', async (_name, run) => {
    const options = { prompt: ASK.weather, tools, stopWhen: stepCountIs(2) };
    const answer = await run({ ...options, model: ours });
    expect(answer.text).toBe(SAID.weather);
    expect(answer.steps).toHaveLength(2);
    expect(answer.steps[0]?.toolCalls).toMatchObject([{ toolName: 'get_weather', input: { city: 'Paris' } }]);
    expect(answer).toEqual(await run({ ...options, model: theirs }));
  });

  test('several tool calls of one answer arrive together', async () => {
    const answer = await generated({ model: ours, prompt: ASK.twoTools, tools });
    expect(answer.toolResults.map(({ output }) => output)).toEqual(['sunny in Paris', 'sunny in Rome']);
    expect(answer).toEqual(await generated({ model: theirs, prompt: ASK.twoTools, tools }));
  });

  test('structured output fits its schema, and the vendor was asked for that schema', async () => {
    const { output } = await generateText({
      model: ours,
      prompt: ASK.json,
      output: Output.object({ schema: citySchema }),
    });
    expect(output).toEqual({ city: 'Paris', celsius: 21 });
    expect(emulator.getLastRequest()?.body).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { schema: { required: ['city', 'celsius'] } } },
    });
  });

  test('an image reaches the vendor', async () => {
    const { text } = await generateText({
      model: ours,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: ASK.image },
            { type: 'image', image: Buffer.from(PIXEL, 'base64'), mediaType: 'image/png' },
          ],
        },
      ],
    });
    expect(text).toBe(SAID.image);
    expect(JSON.stringify(emulator.getLastRequest()?.body)).toContain(PIXEL);
  });

  test.each([
    ['generateText', generated],
    ['streamText', streamed],
  ])('%s keeps reasoning apart from the answer', async (_name, run) => {
    const answer = await run({ model: modelAt(server.baseUrl, 'gpt-5-mini'), prompt: ASK.reasoning });
    expect(answer.text).toBe(SAID.answer);
    const { reasoningText } = await generateText({
      model: modelAt(server.baseUrl, 'gpt-5-mini'),
      prompt: ASK.reasoning,
    });
    expect(reasoningText).toBe(SAID.reasoning);
  });

  test.each(Object.keys(FAILURES) as (keyof typeof FAILURES)[])(
    'a vendor who says "%s" gives the error that it gives directly',
    async (prompt) => {
      const failureOf = async (model: LanguageModel): Promise<APICallError> => {
        const error: unknown = await generateText({ model, prompt, maxRetries: 0 }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (APICallError.isInstance(error)) return error;
        throw error ?? new Error('The call did not fail.');
      };
      const [through, direct] = await Promise.all([failureOf(ours), failureOf(theirs)]);
      expect(through.message).toContain(FAILURES[prompt].error.message);
      expect(through.isRetryable).toBe(direct.isRetryable);
      expect(through.responseHeaders?.['retry-after']).toBe(direct.responseHeaders?.['retry-after']);
      if ((direct.statusCode ?? 0) < 500) expect(through.statusCode).toBe(direct.statusCode);
    },
  );
});
