import { existsSync, readFileSync } from 'node:fs';
import { createFold, type ModelEvent, type Reply } from '@millrace/core/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readServerSentEvents } from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';

const RECORDED = new URL('../../../../../shared/data/wire/anthropic/', import.meta.url);
const lines = (name: string): string[] =>
  readFileSync(new URL(name, RECORDED), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
const whole = (name: string): string => readFileSync(new URL(name, RECORDED), 'utf8');

const newReader = (jsonTool?: string) =>
  createAnswerReader({
    failure: { provider: 'anthropic', model: 'claude-test' },
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
const event = (type: string, fields: object = {}): string => JSON.stringify({ type, ...fields });
const START = event('message_start', {
  message: { id: 'msg_1', model: 'claude-test', usage: { input_tokens: 10, output_tokens: 1 } },
});
const end = (reason = 'end_turn', usage: object = { output_tokens: 5 }): string[] => [
  event('message_delta', { delta: { stop_reason: reason }, usage }),
  event('message_stop'),
];
const block = (index: number, content_block: object, ...deltas: object[]): string[] => [
  event('content_block_start', { index, content_block }),
  ...deltas.map((delta) => event('content_block_delta', { index, delta })),
  event('content_block_stop', { index }),
];

test('the input is told as soon as the vendor has counted it, unless it says 0', () => {
  const begun = (usage: object): ModelEvent | undefined => {
    const reader = newReader();
    reader.add([event('message_start', { message: { id: 'm', model: 'c', content: [], usage } })]);
    return reader.take().find(({ type }) => type === 'response-metadata');
  };
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 900,
    cache_creation_input_tokens: 90,
    output_tokens: 1,
  };
  expect(begun(usage)).toMatchObject({
    inputTokens: { total: 1_000, noCache: 10, cacheRead: 900, cacheWrite: 90 },
  });
  for (const none of [{}, { input_tokens: 0, output_tokens: 0 }])
    expect(begun(none)).not.toHaveProperty('inputTokens');
});

describe('usage', () => {
  test('4.3.9 what the cache read and wrote is added to the input', () => {
    const usage = { input_tokens: 10, cache_creation_input_tokens: 20, cache_read_input_tokens: 300 };
    const { inputTokens, outputTokens } = replyOf([
      START,
      ...end('end_turn', { ...usage, output_tokens: 50, output_tokens_details: { thinking_tokens: 30 } }),
    ]).usage;
    expect(inputTokens).toEqual({ total: 330, noCache: 10, cacheRead: 300, cacheWrite: 20 });
    expect(outputTokens).toEqual({ total: 50, text: 20, reasoning: 30 });
  });

  test('what is kept for an hour is told apart, also over several runs, and searches are counted', () => {
    const written = (long: number) => ({
      cache_creation_input_tokens: 20,
      cache_creation: { ephemeral_5m_input_tokens: 20 - long, ephemeral_1h_input_tokens: long },
    });
    const usage = {
      input_tokens: 10,
      output_tokens: 5,
      ...written(15),
      server_tool_use: { web_search_requests: 3 },
    };
    const one = replyOf([START, ...end('end_turn', usage)]).usage;
    expect(one).toMatchObject({
      inputTokens: { total: 30, cacheWrite: 20, cacheWriteLong: 15 },
      webSearches: 3,
    });
    expect(one.raw).toMatchObject(usage);
    const run = (type: string, long: number) => ({
      type,
      input_tokens: 1,
      output_tokens: 1,
      ...written(long),
    });
    const iterations = [run('compaction', 4), run('message', 7)];
    const several = replyOf([START, ...end('end_turn', { ...usage, iterations })]).usage;
    expect(several.inputTokens).toEqual({
      total: 42,
      noCache: 2,
      cacheRead: undefined,
      cacheWrite: 40,
      cacheWriteLong: 11,
    });
  });

  test('4.3.9 runs that compact and go on are summed; an adviser is not, and after a fall-back the top counts', () => {
    const runs = [
      { type: 'compaction', input_tokens: 100, output_tokens: 20 },
      { type: 'advisor_message', input_tokens: 900, output_tokens: 900 },
      { type: 'message', input_tokens: 30, output_tokens: 5, cache_read_input_tokens: 7 },
    ];
    const top = { input_tokens: 30, output_tokens: 5 };
    expect(replyOf([START, ...end('end_turn', { ...top, iterations: runs })]).usage).toMatchObject({
      inputTokens: { total: 137, noCache: 130, cacheRead: 7 },
      outputTokens: { total: 25 },
    });
    const fallback = [...runs, { type: 'fallback_message', model: 'm', input_tokens: 30, output_tokens: 5 }];
    expect(replyOf([START, ...end('end_turn', { ...top, iterations: fallback })]).usage).toMatchObject({
      inputTokens: { total: 30 },
      outputTokens: { total: 5 },
    });
  });

  test('4.3.10 counts of a stream are cumulative, and fields that come late are not lost', () => {
    const reply = replyOf([
      START,
      event('message_delta', { delta: {}, usage: { output_tokens: 3 } }),
      ...end('end_turn', { output_tokens: 9, cache_read_input_tokens: 4, input_tokens: null }),
    ]);
    expect(reply.usage).toMatchObject({ inputTokens: { total: 14 }, outputTokens: { total: 9 } });
  });
});

describe('the end', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
    ['compaction', 'other'],
    ['something new', 'other'],
  ])('4.3.11 %s is %s', (raw, reason) => {
    expect(replyOf([START, ...end(raw)])).toMatchObject({ finishReason: reason, rawFinishReason: raw });
  });

  test('a stream that ends early is interrupted, with what came before it', () => {
    const reader = newReader();
    reader.add([
      START,
      ...block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'Half' }).slice(0, 2),
    ]);
    expect(() => reader.end(false)).toThrow(expect.objectContaining({ code: 'INTERRUPTED' }));
    expect(reader.take()).toContainEqual({ type: 'text-delta', id: 'text-1', delta: 'Half' });
  });

  test('4.3.12 an error as the first event is thrown before the stream begins', () => {
    const reader = newReader();
    const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    expect(() => reader.add([error])).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', retryable: true }),
    );
    expect(reader.take()).toEqual([]);
    expect(reader.hasBegun()).toBe(false);
  });

  test('an error in the middle is thrown, and what came before it is kept', () => {
    const reader = newReader();
    const error = event('error', { error: { type: 'api_error', message: 'Internal' } });
    expect(() => reader.add([START, event('ping'), error])).toThrow(
      expect.objectContaining({ code: 'SERVER_ERROR' }),
    );
    expect(reader.take()).toHaveLength(2);
  });

  test('JSON that is no answer, and no JSON, are told', () => {
    expect(() => eventsOf(['{"object":"chat.completion"}'])).toThrow(
      expect.objectContaining({ code: 'INVALID_RESPONSE' }),
    );
    expect(() => eventsOf(['not json'])).toThrow(expect.objectContaining({ code: 'INVALID_RESPONSE' }));
  });
});

describe('blocks', () => {
  test('4.3.13 a call without arguments is an empty object, and one that brings them at once is whole', () => {
    const reply = replyOf([
      START,
      ...block(
        0,
        { type: 'tool_use', id: 'a', name: 'now', input: {} },
        { type: 'input_json_delta', partial_json: '' },
      ),
      ...block(1, { type: 'tool_use', id: 'b', name: 'look', input: { at: 1 } }),
      ...end('tool_use'),
    ]);
    expect(reply.toolCalls).toMatchObject([
      { toolCallId: 'a', input: {}, inputText: '{}' },
      { toolCallId: 'b', input: { at: 1 } },
    ]);
    expect(reply.finishReason).toBe('tool-calls');
  });

  test('4.3.14 the forced call that carries the answer is text', () => {
    const reply = replyOf(
      [
        START,
        ...block(
          0,
          { type: 'tool_use', id: 'a', name: 'json', input: {} },
          { type: 'input_json_delta', partial_json: '{"city":' },
          { type: 'input_json_delta', partial_json: '"Paris"}' },
        ),
        ...end('tool_use'),
      ],
      'json',
    );
    expect(reply).toMatchObject({ text: '{"city":"Paris"}', toolCalls: [], finishReason: 'stop' });
  });

  test('thinking keeps its signature and redacted thinking its data, in order', () => {
    const reply = replyOf([
      START,
      ...block(
        0,
        { type: 'thinking', thinking: '' },
        { type: 'thinking_delta', thinking: 'Hm' },
        { type: 'signature_delta', signature: 'si' },
        { type: 'signature_delta', signature: 'g' },
      ),
      ...block(1, { type: 'redacted_thinking', data: 'blob' }),
      ...block(2, { type: 'text', text: '' }, { type: 'text_delta', text: 'Yes' }),
      ...end(),
    ]);
    expect(reply.content).toEqual([
      { type: 'reasoning', text: 'Hm', providerMetadata: { anthropic: { signature: 'sig' } } },
      { type: 'reasoning', text: '', providerMetadata: { anthropic: { redactedData: 'blob' } } },
      { type: 'text', text: 'Yes' },
    ]);
  });

  test('citations become sources, and stay with the text', () => {
    const citation = { type: 'web_search_result_location', url: 'https://x', title: 'X' };
    const reply = replyOf([
      START,
      ...block(
        0,
        { type: 'text', text: '' },
        { type: 'text_delta', text: 'A' },
        { type: 'citations_delta', citation },
      ),
      ...end(),
    ]);
    expect(reply.content).toContainEqual({ type: 'source', id: 'source-1', url: 'https://x', title: 'X' });
    expect(reply.content[0]).toMatchObject({ providerMetadata: { anthropic: { citations: [citation] } } });
  });

  test('blocks of the vendor’s own tools are kept as they came', () => {
    const found = { type: 'web_search_tool_result', tool_use_id: 's', content: [] };
    const reply = replyOf([
      START,
      ...block(
        0,
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'input_json_delta', partial_json: '{"query":"x"}' },
      ),
      ...block(1, found),
      ...end(),
    ]);
    expect(reply.content.map(({ providerMetadata }) => providerMetadata?.['anthropic']?.['block'])).toEqual([
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
      found,
    ]);
    expect(reply.text).toBe('');
  });

  test('events and blocks that are not known do not break an answer', () => {
    const reply = replyOf([
      START,
      event('new_event', { x: 1 }),
      ...block(0, { type: 'text', text: 'A' }, { type: 'new_delta' }, { type: 'text_delta', text: 5 }),
      ...block(1, { nothing: true }),
      ...end(),
    ]);
    expect(reply.text).toBe('A');
  });
});

describe.skipIf(!existsSync(RECORDED))(
  'recorded answers (left out where ../shared/data is not there)',
  () => {
    test('text', () => {
      const reply = replyOf(lines('anthropic-text.chunks.txt'));
      expect(reply.text.length).toBeGreaterThan(10);
      expect(reply).toMatchObject({ finishReason: 'stop', rawFinishReason: 'end_turn' });
      expect(reply.usage.outputTokens.total).toBeGreaterThan(0);
    });

    test('a call without arguments', () => {
      const reply = replyOf(lines('anthropic-tool-no-args.chunks.txt'));
      expect(reply.toolCalls[0]).toMatchObject({ input: {}, inputText: '{}' });
      expect(reply.finishReason).toBe('tool-calls');
    });

    test('4.3.18 a fall-back is paid at the model that served', () => {
      const reply = replyOf(lines('anthropic-fallback.chunks.txt'));
      expect(reply.response.modelId).toBe('claude-opus-4-8');
      expect(reply.usage).toMatchObject({ inputTokens: { total: 412 }, outputTokens: { total: 264 } });
      expect(reply.text).toBe('The printing press was invented by Johannes Gutenberg around 1440.');
    });

    test('a refusal', () => {
      const reply = replyOf(lines('anthropic-refusal.chunks.txt'));
      expect(reply).toMatchObject({ finishReason: 'content-filter', rawFinishReason: 'refusal' });
      expect(reply.providerMetadata?.['anthropic']?.['stopDetails']).toMatchObject({ category: 'cyber' });
    });

    test('4.3.10 usage that comes with the last event', () => {
      const reply = replyOf(lines('anthropic-message-delta-input-tokens.chunks.txt'));
      expect(reply.usage.inputTokens.total).toBeGreaterThan(0);
    });

    test('a beginning that comes twice', () => {
      const events = eventsOf(lines('duplicate-message-start.chunks.txt'));
      expect(events.filter(({ type }) => type === 'stream-start')).toHaveLength(1);
      expect(replyOf(lines('duplicate-message-start.chunks.txt'))).toMatchObject({
        text: 'Hello, World!',
        usage: { inputTokens: { total: 17 }, outputTokens: { total: 227 } },
      });
    });

    test('native structured output', () => {
      expect(() =>
        JSON.parse(replyOf(lines('anthropic-json-output-format.1.chunks.txt')).text),
      ).not.toThrow();
    });

    test('whole messages: thinking with its signature, a JSON tool, a failed fetch of the vendor’s own tool', () => {
      const thinking = replyOf([whole('anthropic-claude-opus-5-reasoning-high.1.json')]);
      expect(thinking.content[0]).toMatchObject({
        type: 'reasoning',
        providerMetadata: { anthropic: { signature: expect.stringMatching(/^CAIS/) } },
      });
      expect(thinking.text).toContain('Step 1');
      const json = replyOf([whole('anthropic-json-tool.1.json')], 'json');
      expect(() => JSON.parse(json.text)).not.toThrow();
      const fetched = replyOf([whole('anthropic-web-fetch-tool.error.json')]);
      const kept = fetched.content.map((part) => part.providerMetadata?.['anthropic']?.['block']);
      expect(
        kept.some((one) => (one as { type?: string } | undefined)?.type === 'web_fetch_tool_result'),
      ).toBe(true);
      for (const name of ['anthropic-clear-thinking.1.json', 'anthropic-combined-context-editing.1.json'])
        expect(replyOf([whole(name)]).usage.outputTokens.total).toBeGreaterThan(0);
    });

    test.each([
      'anthropic-text.chunks.txt',
      'anthropic-tool-no-args.chunks.txt',
      'anthropic-fallback.chunks.txt',
      'anthropic-refusal.chunks.txt',
      'anthropic-json-output-format.1.chunks.txt',
    ])('%s gives the same however its bytes are split', async (name) => {
      const all = lines(name);
      const bytes = Buffer.from(
        all.map((data) => `event: ${JSON.parse(data).type}\ndata: ${data}\n\n`).join(''),
      );
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
      for (let at = 1; at < Math.min(bytes.length, 1_500); at++)
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
