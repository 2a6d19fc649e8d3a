import { existsSync, readFileSync } from 'node:fs';
import { createFold, type ModelEvent, type Reply } from '@millrace/core/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readServerSentEvents } from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';

const RECORDED = new URL('../../../../../shared/data/wire/google/', import.meta.url);
const lines = (name: string): string[] =>
  readFileSync(new URL(name, RECORDED), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
const whole = (name: string): string => readFileSync(new URL(name, RECORDED), 'utf8');
const newReader = (jsonTool?: string) =>
  createAnswerReader({
    failure: { provider: 'google', model: 'gemini-test' },
    header: () => null,
    warnings: [],
    jsonTool,
  });
const eventsOf = (payloads: readonly string[], jsonTool?: string): ModelEvent[] => {
  const reader = newReader(jsonTool);
  reader.add(payloads);
  reader.end(payloads.length === 1);
  return [...reader.take()];
};
const replyOf = (payloads: readonly string[], jsonTool?: string): Reply => {
  const fold = createFold();
  for (const event of eventsOf(payloads, jsonTool)) fold.add(event);
  return fold.reply();
};
const piece = (parts: readonly object[], finishReason?: string, rest: object = {}): string =>
  JSON.stringify({
    candidates: [{ content: { role: 'model', parts }, ...(finishReason !== undefined && { finishReason }) }],
    responseId: 'r1',
    modelVersion: 'gemini-test-001',
    ...rest,
  });

describe('the end', () => {
  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['LANGUAGE', 'other'],
  ])('4.4.10 %s is %s', (raw, reason) => {
    expect(replyOf([piece([{ text: 'A' }], raw)])).toMatchObject({
      finishReason: reason,
      rawFinishReason: raw,
    });
  });

  test('4.4.10 STOP with calls is tool-calls, and a malformed call can be tried again', () => {
    expect(replyOf([piece([{ functionCall: { name: 'look' } }], 'STOP')]).finishReason).toBe('tool-calls');
    expect(() => eventsOf([piece([], 'MALFORMED_FUNCTION_CALL')])).toThrow(
      expect.objectContaining({ code: 'INVALID_RESPONSE', retryable: true }),
    );
  });

  test('4.4.11 a prompt that is blocked is a refusal, with usage that comes later', () => {
    const reply = replyOf([
      JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' } }),
      JSON.stringify({ usageMetadata: { promptTokenCount: 9 } }),
    ]);
    expect(reply).toMatchObject({
      finishReason: 'content-filter',
      rawFinishReason: 'SAFETY',
      content: [],
      usage: { inputTokens: { total: 9 } },
    });
  });

  test('4.4.15 an error in the middle of a stream is thrown, with its delay', () => {
    const error = {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: 'slow',
      details: [{ retryDelay: '34.4s' }],
    };
    const reader = newReader();
    expect(() => reader.add([piece([{ text: 'A' }]), JSON.stringify({ error })])).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 34_400, retryable: true }),
    );
    expect(reader.take()).toContainEqual({ type: 'text-delta', id: 'text-1', delta: 'A' });
  });

  test('a stream without a reason for its end is interrupted, and JSON that is no answer is told', () => {
    const reader = newReader();
    reader.add([piece([{ text: 'Half' }])]);
    expect(() => reader.end(false)).toThrow(expect.objectContaining({ code: 'INTERRUPTED' }));
    for (const nothing of ['{}', '{"choices":[]}', 'no'])
      expect(() => eventsOf([nothing])).toThrow(expect.objectContaining({ code: 'INVALID_RESPONSE' }));
  });
});

describe('parts', () => {
  test('4.4.3 text, thought and call keep their order and each its own signature', () => {
    const reply = replyOf([
      piece([{ text: 'Hm', thought: true }]),
      piece([{ text: 'One ' }]),
      piece([{ text: 'two' }, { text: '', thoughtSignature: 's1' }]),
      piece([{ text: 'three', thoughtSignature: 's2' }, { text: 'four' }]),
      piece([{ functionCall: { id: 'c1', name: 'look', args: { a: 1 } }, thoughtSignature: 's3' }], 'STOP'),
    ]);
    expect(reply.content).toMatchObject([
      { type: 'reasoning', text: 'Hm', providerMetadata: { google: { thought: true } } },
      { type: 'text', text: 'One two' },
      { type: 'text', text: '', providerMetadata: { google: { thoughtSignature: 's1' } } },
      { type: 'text', text: 'three', providerMetadata: { google: { thoughtSignature: 's2' } } },
      { type: 'text', text: 'four' },
      {
        type: 'tool-call',
        toolCallId: 'c1',
        providerMetadata: { google: { thoughtSignature: 's3', id: 'c1' } },
      },
    ]);
  });

  test('4.4.13 calls without id or arguments get both, and no two get the same id', () => {
    const { toolCalls } = replyOf([
      piece([{ functionCall: { name: 'a' } }, { functionCall: { name: 'b', args: { x: 1 } } }], 'STOP'),
    ]);
    expect(toolCalls.map(({ toolCallId, input }) => [toolCallId, input])).toEqual([
      ['call_r1_0', {}],
      ['call_r1_1', { x: 1 }],
    ]);
  });

  test('4.4.13 arguments that come by their paths are put together', () => {
    const call = (functionCall: object) => piece([{ functionCall }]);
    const { toolCalls } = replyOf([
      call({ name: 'look', willContinue: true }),
      call({
        partialArgs: [
          { jsonPath: '$.list[0].name', stringValue: 'Pa', willContinue: true },
          { jsonPath: '$.list[1]', numberValue: 2 },
          { jsonPath: "$['a b']", boolValue: true },
          { jsonPath: '$.__proto__.x', stringValue: 'no' },
        ],
        willContinue: true,
      }),
      call({
        partialArgs: [
          { jsonPath: '$.list[0].name', stringValue: 'ris' },
          { jsonPath: '$.none', nullValue: 'NULL_VALUE' },
        ],
      }),
      piece([], 'STOP'),
    ]);
    expect(toolCalls[0]?.input).toEqual({ list: [{ name: 'Paris' }, 2], 'a b': true, none: null });
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test('4.4.7 the forced call that carries the answer is text', () => {
    const reply = replyOf(
      [piece([{ functionCall: { name: 'json', args: { city: 'Paris' } } }], 'STOP')],
      'json',
    );
    expect(reply).toMatchObject({ text: '{"city":"Paris"}', toolCalls: [], finishReason: 'stop' });
  });

  test('files, sources and the vendor’s own parts', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } };
    const chunks = [{ web: { uri: 'https://x', title: 'X' } }, { web: { uri: 'https://x' } }];
    const reply = replyOf([
      JSON.stringify({
        candidates: [
          {
            content: {
              parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }, code, {}, { text: 5 }],
            },
            groundingMetadata: { groundingChunks: chunks },
            finishReason: 'STOP',
          },
        ],
      }),
    ]);
    expect(reply.content[0]).toMatchObject({ type: 'file', mediaType: 'image/png' });
    expect(reply.content[1]).toMatchObject({ providerMetadata: { google: { part: code } } });
    expect(reply.content.filter(({ type }) => type === 'source')).toEqual([
      { type: 'source', id: 'source-1', url: 'https://x', title: 'X' },
    ]);
  });

  test('sound is told apart, within the prompt and within what the cache read', () => {
    const usageMetadata = {
      promptTokenCount: 100,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 40 },
        { modality: 'AUDIO', tokenCount: 60 },
      ],
      cachedContentTokenCount: 50,
      cacheTokensDetails: [
        { modality: 'TEXT', tokenCount: 5 },
        { modality: 'AUDIO', tokenCount: 45 },
      ],
      candidatesTokenCount: 5,
    };
    expect(replyOf([piece([{ text: 'A' }], 'STOP', { usageMetadata })]).usage.inputTokens).toEqual({
      total: 100,
      noCache: 50,
      cacheRead: 50,
      cacheWrite: undefined,
      audio: 15,
      cacheReadAudio: 45,
    });
  });

  test('4.4.12 thoughts count beside the answer, tool prompts beside the prompt, and the last counts win', () => {
    const usage = {
      promptTokenCount: 100,
      toolUsePromptTokenCount: 20,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 50,
    };
    const early = { usageMetadata: { ...usage, candidatesTokenCount: 1 } };
    const reply = replyOf([
      piece([{ text: 'A' }], undefined, early),
      piece([{ text: 'B' }], 'STOP', { usageMetadata: usage }),
    ]);
    expect(reply.usage).toMatchObject({
      inputTokens: { total: 120, noCache: 60, cacheRead: 60, cacheWrite: undefined },
      outputTokens: { total: 55, text: 5, reasoning: 50 },
    });
  });
});

describe.skipIf(!existsSync(RECORDED))(
  'recorded answers (left out where ../shared/data is not there)',
  () => {
    test('text, with a signature on an empty part', () => {
      const reply = replyOf(lines('google-text.chunks.txt'));
      expect(reply.text).toContain('There are **3** "r"s in strawberry.');
      expect(reply.content.at(-1)).toMatchObject({
        type: 'text',
        text: '',
        providerMetadata: { google: { thoughtSignature: expect.stringMatching(/^EqsF/) } },
      });
      expect(reply).toMatchObject({
        finishReason: 'stop',
        response: { modelId: 'gemini-3-pro-preview' },
        usage: { inputTokens: { total: 9 }, outputTokens: { reasoning: 185 } },
      });
    });

    test('a whole answer with its signature', () => {
      const reply = replyOf([whole('google-reasoning-gemini3.json')]);
      expect(reply.usage.outputTokens).toEqual({ total: 287, text: 29, reasoning: 258 });
      expect(reply.content[0]).toMatchObject({
        providerMetadata: { google: { thoughtSignature: expect.stringMatching(/^EswF/) } },
      });
    });

    test('calls', () => {
      const third = replyOf(lines('google-tool-call-gemini3.chunks.txt'));
      expect(third.toolCalls[0]).toMatchObject({ toolName: 'weather', input: { location: 'San Francisco' } });
      expect(third.toolCalls[0]?.providerMetadata?.['google']).toHaveProperty('thoughtSignature');
      expect(third.finishReason).toBe('tool-calls');
      expect(replyOf(lines('google-tool-call.chunks.txt')).toolCalls.length).toBeGreaterThan(0);
      const noArgs = replyOf(lines('google-stream-no-args-tool-call.chunks.txt'));
      expect(noArgs.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
        ['read_theme', {}],
        ['read_screen', { id: 'A' }],
        ['read_screen', { id: 'B' }],
        ['read_screen', { id: 'C' }],
      ]);
      expect(noArgs.reasoning).toContain('Processing User Requests');
    });

    test.each([
      'google-text.chunks.txt',
      'google-tool-call.chunks.txt',
      'google-tool-call-gemini3.chunks.txt',
      'google-stream-no-args-tool-call.chunks.txt',
    ])('%s gives the same however its bytes are split', async (name) => {
      const all = lines(name);
      const bytes = Buffer.from(all.map((data) => `data: ${data}\r\n\r\n`).join(''));
      const expected = eventsOf(all);
      const readPieces = async (pieces: readonly Uint8Array[]): Promise<ModelEvent[]> => {
        const reader = newReader();
        async function* body() {
          yield* pieces;
        }
        for await (const payloads of readServerSentEvents({ body: body(), cancel: () => undefined }))
          reader.add(payloads);
        reader.end(false);
        return [...reader.take()];
      };
      for (let at = 1; at < Math.min(bytes.length, 1_000); at++)
        expect(await readPieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 30 }),
          async (cuts) => {
            const places = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
            const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
            expect(await readPieces(pieces)).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    });
  },
);
