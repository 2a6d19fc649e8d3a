import type { LLMock } from '@copilotkit/aimock';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASK, FAILURES, SAID, startEmulator, VENDOR_KEY } from './support/emulator.ts';
import { type ExampleServer, startHere } from './support/example-server.ts';

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const;

const modelAt = (baseURL: string): ChatOpenAI =>
  new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: VENDOR_KEY, maxRetries: 0, configuration: { baseURL } });

let emulator: LLMock;
let server: ExampleServer;
let ours: ChatOpenAI;
let theirs: ChatOpenAI;
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

/** The client's types know of no usage for a model without a declared output. */
const usageOf = (message: object) =>
  (
    message as {
      usage_metadata?: { input_tokens: number; output_tokens: number; total_tokens: number };
    }
  ).usage_metadata;

const invoked = async (model: ChatOpenAI) => {
  const answer = await model.invoke(ASK.answer);
  const { content, response_metadata: metadata } = answer;
  const usage = usageOf(answer);
  return {
    content,
    tokens: [usage?.input_tokens, usage?.output_tokens],
    finish: metadata['finish_reason'],
    model: metadata['model_name'],
  };
};

const streamed = async (model: ChatOpenAI) => {
  let text = '';
  let tokens = 0;
  for await (const chunk of await model.stream(ASK.answer)) {
    text += String(chunk.content);
    tokens += usageOf(chunk)?.total_tokens ?? 0;
  }
  return { text, tokens };
};

describe('the example server, with LangChain', () => {
  test('invoke gives the answer and the usage of the vendor', async () => {
    const answer = await invoked(ours);
    expect(answer).toMatchObject({ content: SAID.answer, tokens: [100, 20], finish: 'stop' });
    expect(answer).toEqual(await invoked(theirs));
  });

  test('stream gives the answer and the usage of the vendor', async () => {
    const answer = await streamed(ours);
    expect(answer).toEqual({ text: SAID.answer, tokens: 120 });
    expect(answer).toEqual(await streamed(theirs));
  });

  test('bindTools gives the tool calls of the vendor, and their result is answered', async () => {
    const ask = async (model: ChatOpenAI) => {
      const first = await model.bindTools([weather]).invoke(ASK.weather);
      const second = await model
        .bindTools([weather])
        .invoke([
          { role: 'user', content: ASK.weather },
          first,
          { role: 'tool', content: 'sunny', tool_call_id: first.tool_calls?.[0]?.id ?? '' },
        ]);
      return { calls: first.tool_calls, text: second.content };
    };
    const answer = await ask(ours);
    expect(answer.calls).toMatchObject([{ id: 'call_1', name: 'get_weather', args: { city: 'Paris' } }]);
    expect(answer.text).toBe(SAID.weather);
    expect(answer).toEqual(await ask(theirs));
  });

  test('bindTools streams the tool calls of the vendor', async () => {
    const ask = async (model: ChatOpenAI) => {
      const stream = await model.bindTools([weather]).stream(ASK.twoTools);
      let whole: Awaited<ReturnType<typeof model.invoke>> | undefined;
      for await (const chunk of stream) whole = whole === undefined ? chunk : whole.concat(chunk);
      return { calls: whole?.tool_calls, text: whole?.content };
    };
    const answer = await ask(ours);
    expect(answer.calls?.map(({ args }) => args)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    expect(answer).toEqual(await ask(theirs));
  });

  test.each(Object.keys(FAILURES) as (keyof typeof FAILURES)[])(
    'a vendor who says "%s" gives the error that it gives directly',
    async (prompt) => {
      const failureOf = async (model: ChatOpenAI) => {
        const error: unknown = await model.invoke(prompt).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (!(error instanceof Error)) throw new Error('The call did not fail.');
        const { status, lc_error_code: kind } = error as { status?: number; lc_error_code?: string };
        return { name: error.constructor.name, message: error.message, status, kind };
      };
      const [through, direct] = await Promise.all([failureOf(ours), failureOf(theirs)]);
      expect(through.message).toContain(FAILURES[prompt].error.message);
      expect(through).toMatchObject({ name: direct.name, kind: direct.kind });
      if ((direct.status ?? 0) < 500) expect(through.status).toBe(direct.status);
    },
  );
});
