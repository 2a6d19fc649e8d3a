import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ChatOpenAI } from '@langchain/openai';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChaosUpstream, startChaosUpstream } from './support/chaos-upstream.ts';
import { type ExampleServer, startHere } from './support/example-server.ts';

let upstream: ChaosUpstream;
let server: ExampleServer;
beforeAll(async () => {
  upstream = await startChaosUpstream();
  server = await startHere(upstream.baseUrl);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await upstream.close();
});

/** Read a stream to its end; what came before it broke, and the error that the client made of it. */
interface Reading {
  readonly text: string;
  readonly error: unknown;
}

const read = async (pieces: AsyncIterable<string>): Promise<Reading> => {
  let text = '';
  try {
    for await (const piece of pieces) text += piece;
  } catch (error) {
    return { text, error };
  }
  return { text, error: undefined };
};

async function* openaiPieces(model: string): AsyncGenerator<string> {
  const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'unused', maxRetries: 0 });
  const stream = await client.chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
}

async function* aiSdkPieces(model: string): AsyncGenerator<string> {
  const provider = createOpenAICompatible({ name: 'millrace', baseURL: server.baseUrl });
  const { fullStream } = streamText({
    model: provider.chatModel(model),
    prompt: 'Hi',
    maxRetries: 0,
    onError: () => undefined,
  });
  for await (const part of fullStream) {
    if (part.type === 'text-delta') yield part.text;
    if (part.type === 'error') throw part.error;
  }
}

async function* langchainPieces(model: string): AsyncGenerator<string> {
  const client = new ChatOpenAI({
    model,
    apiKey: 'unused',
    maxRetries: 0,
    configuration: { baseURL: server.baseUrl },
  });
  for await (const chunk of await client.stream('Hi')) yield String(chunk.content);
}

describe.each([
  ['the official OpenAI client', openaiPieces],
  ['the AI SDK', aiSdkPieces],
  ['LangChain', langchainPieces],
])('%s', (_name, pieces) => {
  test.each(['cut-middle', 'ends-early', 'error-middle', 'malformed'])(
    'never takes a stream for complete whose upstream does "%s"',
    async (model) => {
      const { text, error } = await read(pieces(`openai:${model}`));
      expect(text.startsWith('0 ')).toBe(true);
      expect(String((error as Error | undefined)?.message)).toContain(`openai:${model}`);
    },
  );

  test('reads a whole stream without an error', async () => {
    const { text, error } = await read(pieces('gpt-4o-mini'));
    expect(error).toBeUndefined();
    expect(text).toMatch(/^0 1 2 .* 199 $/);
  });
});
