import { existsSync, readFileSync } from 'node:fs';
import { createFold, type ModelEvent, type Reply } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { createAnswerReader } from './index.js';

const RECORDED = new URL('../../../../../shared/data/wire/openai-responses/', import.meta.url);
const hasRecorded = existsSync(RECORDED);
if (!hasRecorded) console.log('The recorded answers are not here: the tests on them are left out.');

const noHeader = (): null => null;
const readerOf = (toolNames: readonly string[] = [], json = false) =>
  createAnswerReader({
    failure: { provider: 'openai', model: 'm', secret: undefined },
    header: noHeader,
    warnings: [],
    toolNames: new Set(toolNames),
    json,
  });
const eventsOf = (payloads: readonly (object | string)[], tools?: readonly string[], json?: boolean) => {
  const reader = readerOf(tools, json);
  reader.add(payloads.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))));
  reader.end(true);
  return reader.take();
};
const replyOf = (events: readonly ModelEvent[]): Reply => {
  const fold = createFold();
  for (const event of events) fold.add(event);
  return fold.reply();
};
const recorded = (name: string): string => readFileSync(new URL(name, RECORDED), 'utf8');
const recordedChunks = (name: string): string[] => recorded(name).split('\n').filter(Boolean);

const created = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'gpt-x', created_at: 1_790_000_000 },
};
const added = (index: number, item: object) => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
});
const done = (index: number, item: object) => ({
  type: 'response.output_item.done',
  output_index: index,
  item,
});
const completed = (more: object = {}) => ({
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', ...more },
});
const message = (text: string, more: object = {}) => ({
  type: 'message',
  id: 'msg_1',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...more,
});
const call = (args: string, more: object = {}) => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'look',
  arguments: args,
  ...more,
});

describe.skipIf(!hasRecorded)('recorded answers', () => {
  test('encrypted reasoning comes with its item and its secret', () => {
    const reply = replyOf(eventsOf([recorded('openai-reasoning-encrypted-content.1.json')]));
    const [reasoning] = reply.content;
    expect(reasoning).toMatchObject({
      type: 'reasoning',
      providerMetadata: {
        openai: { itemId: expect.stringMatching(/^rs_/), encryptedContent: expect.stringMatching(/^gAAAA/) },
      },
    });
    expect(reply).toMatchObject({
      response: {
        id: expect.stringMatching(/^resp_/),
        modelId: 'gpt-5-mini-2025-08-07',
        timestamp: 1_765_591_383_000,
      },
      usage: { estimated: false, outputTokens: { reasoning: expect.any(Number) } },
    });
  });

  test('4.2.8 an answer with phases: commentary is content, and is set apart where the answer is to be JSON', () => {
    const body = recorded('openai-phase.1.json');
    const reply = replyOf(eventsOf([body]));
    const phases = reply.content.map(({ providerMetadata }) => providerMetadata?.['openai']?.['phase']);
    expect(phases).toEqual(['commentary', 'final_answer']);
    const json = replyOf(eventsOf([body], [], true));
    expect(json.text.startsWith('Here are some')).toBe(true);
    expect(json.content[0]).toMatchObject({
      type: 'reasoning',
      providerMetadata: { openai: { phase: 'commentary', commentary: true } },
    });
  });

  test('4.2.9 calls in a wrapper are calls of their own', () => {
    const events = eventsOf([recorded('parallel-tool-call-wrapper.1.json')], ['weather', 'cityAttractions']);
    const reply = replyOf(events);
    expect(reply.finishReason).toBe('tool-calls');
    expect(reply.toolCalls).toMatchObject([
      { toolCallId: 'call_parallel-0', toolName: 'weather', input: { location: 'San Francisco' } },
      { toolCallId: 'call_parallel-1', toolName: 'cityAttractions', input: { city: 'Rome' } },
    ]);
  });

  test('4.2.10 a server that changes the ids of items from event to event', () => {
    const reply = replyOf(eventsOf(recordedChunks('github-copilot-id-rotation.1.chunks.txt')));
    expect(reply.finishReason).toBe('stop');
    expect(reply.text.length).toBeGreaterThan(0);
    expect(reply.content.filter(({ type }) => type === 'text')).toHaveLength(1);
    expect(reply.usage.inputTokens.total).toBeGreaterThan(0);
  });

  test('4.2.15 what the vendor’s own tools leave goes back as it came', () => {
    const web = replyOf(eventsOf([recorded('openai-web-search-tool.1.json')]));
    const items = web.content.flatMap(({ providerMetadata }) => providerMetadata?.['openai']?.['item'] ?? []);
    expect(items.length).toBeGreaterThan(0);
    expect(items[0]).toMatchObject({ type: 'web_search_call', id: expect.stringMatching(/^ws_/) });
    expect(web.content.some(({ type }) => type === 'source')).toBe(true);
    expect(web.text.length).toBeGreaterThan(0);
  });

  test('4.2.15 what the caller has to do is a tool call', () => {
    const patch = replyOf(eventsOf([recorded('openai-apply-patch-tool.1.json')]));
    expect(patch).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [
        {
          toolCallId: 'call_CdXiGtcRl49Q6Ek20tG9lYOr',
          toolName: 'apply_patch_call',
          input: { operation: { type: 'create_file' } },
        },
      ],
    });
    const shell = replyOf(eventsOf(recordedChunks('openai-local-shell-tool.1.chunks.txt')));
    expect(shell.toolCalls).toMatchObject([{ toolName: 'local_shell_call' }]);
    const approval = replyOf(eventsOf([recorded('openai-mcp-tool-approval.1.json')]));
    expect(approval.toolCalls).toMatchObject([{ toolName: 'mcp_approval_request' }]);
    const custom = replyOf(eventsOf([recorded('openai-custom-tool.1.json')]));
    expect(custom.toolCalls).toMatchObject([
      { toolName: 'write_sql', input: 'SELECT * FROM users WHERE age > 25' },
    ]);
  });

  test('an error is one, with its meaning', () => {
    expect(() => eventsOf([recorded('openai-error.1.json')])).toThrow(
      expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
    );
  });
});

describe('a stream', () => {
  test('grows text, and ends as it says', () => {
    const events = eventsOf([
      created,
      added(0, { type: 'message', id: 'msg_1', content: [] }),
      { type: 'response.output_text.delta', output_index: 0, delta: 'Hel' },
      { type: 'response.output_text.delta', output_index: 0, delta: 'lo' },
      {
        type: 'response.output_text.annotation.added',
        output_index: 0,
        annotation: { type: 'url_citation', url: 'https://example.org/', title: 'Example' },
      },
      done(0, message('Hello')),
      completed({ usage: { input_tokens: 5, output_tokens: 2 } }),
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'text-delta',
      'text-delta',
      'source',
      'text-end',
      'finish',
    ]);
    expect(replyOf(events)).toMatchObject({ text: 'Hello', finishReason: 'stop' });
  });

  test('4.2.12 each summary part is a block, and the last one carries the secret', () => {
    const events = eventsOf([
      created,
      added(0, { type: 'reasoning', id: 'rs_1', summary: [] }),
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 0 },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'One' },
      { type: 'response.reasoning_summary_part.done', output_index: 0, summary_index: 0 },
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 1 },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'Two' },
      done(0, { type: 'reasoning', id: 'rs_1', encrypted_content: 'secret' }),
      done(1, message('Hi')),
      completed(),
    ]);
    expect(replyOf(events).content).toMatchObject([
      { type: 'reasoning', text: 'One', providerMetadata: { openai: { itemId: 'rs_1' } } },
      {
        type: 'reasoning',
        text: 'Two',
        providerMetadata: { openai: { itemId: 'rs_1', encryptedContent: 'secret' } },
      },
      { type: 'text', text: 'Hi', providerMetadata: { openai: { itemId: 'msg_1', reasoningId: 'rs_1' } } },
    ]);
  });

  test('calls of tools: in pieces, whole, without arguments, several', () => {
    const events = eventsOf([
      created,
      added(0, call('')),
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a":' },
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: '1}' },
      done(0, call('{"a":1}')),
      done(1, call('{"b":2}', { id: 'fc_2', call_id: 'call_2' })),
      done(2, call('', { id: 'fc_3', call_id: 'call_3' })),
      completed(),
    ]);
    expect(replyOf(events)).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [
        { toolCallId: 'call_1', input: { a: 1 }, inputText: '{"a":1}' },
        { toolCallId: 'call_2', input: { b: 2 } },
        { toolCallId: 'call_3', input: {} },
      ],
    });
    const deltas = events.filter((event) => event.type === 'tool-input-delta' && event.id === 'call_1');
    expect(deltas).toHaveLength(2);
  });

  test('4.2.9 a tool of the caller that is named like a wrapper is no wrapper', () => {
    const events = eventsOf(
      [created, done(0, call('{"tool_uses":[]}', { name: 'parallel' })), completed()],
      ['parallel'],
    );
    expect(replyOf(events).toolCalls).toMatchObject([{ toolCallId: 'call_1', toolName: 'parallel' }]);
  });

  test.each([
    ['stop', completed(), []],
    [
      'length',
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      },
      [],
    ],
    [
      'content-filter',
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      },
      [],
    ],
    ['tool-calls', completed(), [done(0, call('{}'))]],
    ['content-filter', completed(), [{ type: 'response.refusal.delta', output_index: 0, delta: 'No.' }]],
    [
      'tool-calls',
      completed(),
      [{ type: 'response.refusal.delta', output_index: 0, delta: 'No.' }, done(1, call('{}'))],
    ],
  ] as const)('4.2.11 ends with %s', (reason, terminal, items) => {
    expect(replyOf(eventsOf([created, ...items, terminal])).finishReason).toBe(reason);
  });

  test.each([
    [
      {
        type: 'response.failed',
        response: { status: 'failed', error: { code: 'server_error', message: 'x' } },
      },
      'SERVER_ERROR',
    ],
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'x' }, 'RATE_LIMITED'],
    [{ type: 'error', error: { code: 'context_length_exceeded', message: 'x' } }, 'CONTEXT_LENGTH'],
  ])('4.2.11 fails with what it says: %j', (terminal, code) => {
    expect(() => eventsOf([created, terminal])).toThrow(expect.objectContaining({ code }));
  });

  test('that ends without saying so was broken off', () => {
    expect(() => eventsOf([created, done(0, message('Hi'))])).toThrow(
      expect.objectContaining({ code: 'INTERRUPTED' }),
    );
  });

  test('4.2.16 a server that answers with chat completions is told apart', () => {
    expect(() => eventsOf([{ object: 'chat.completion.chunk', choices: [] }])).toThrow(
      expect.objectContaining({ code: 'INVALID_RESPONSE', message: expect.stringContaining('api: "chat"') }),
    );
  });

  test.each(['null', '"x"', '{}', '{"output":5}', 'nonsense'])('%s is no answer', (payload) => {
    expect(() => eventsOf([payload])).toThrow(expect.objectContaining({ code: 'INVALID_RESPONSE' }));
  });
});

test('4.2.13 usage: what was read from and written to the cache is part of the input', () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: { '30m': 10, '12h': 5 } },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 30 },
  };
  expect(replyOf(eventsOf([created, done(0, message('Hi')), completed({ usage })])).usage).toEqual({
    inputTokens: { total: 100, noCache: 25, cacheRead: 60, cacheWrite: 15, cacheWriteLong: 5 },
    outputTokens: { total: 50, text: 20, reasoning: 30 },
    raw: usage,
    estimated: false,
  });
});

test('an image that the vendor made is a file', () => {
  const item = { type: 'image_generation_call', id: 'ig_1', result: 'aGk=', output_format: 'webp' };
  expect(replyOf(eventsOf([created, done(0, item), completed()])).content).toMatchObject([
    { type: 'file', mediaType: 'image/webp', data: { type: 'data', data: 'aGk=' } },
    { type: 'text', text: '' },
  ]);
});
