import { ProviderError } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { chunk, eventsOf, replyOf } from '../../test/answers.js';

const calls = (...pieces: object[]): object[] => [
  ...pieces.map((piece) => chunk({ tool_calls: [piece] })),
  chunk({}, 'tool_calls'),
];
const toolCalls = (chunks: readonly object[]) =>
  replyOf(eventsOf(chunks)).toolCalls.map(({ toolCallId, toolName, inputText }) => [
    toolCallId,
    toolName,
    inputText,
  ]);

describe('tool calls (4.1.11)', () => {
  test('4.1.11 parallel calls are told apart by their index', () => {
    const read = toolCalls(
      calls(
        { index: 0, id: 'a', function: { name: 'one', arguments: '' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: '{"x"' } },
        { index: 0, function: { arguments: '{"y":1}' } },
        { index: 1, function: { arguments: ':2}' } },
      ),
    );
    expect(read).toEqual([
      ['a', 'one', '{"y":1}'],
      ['b', 'two', '{"x":2}'],
    ]);
  });

  test('4.1.11 a missing index goes by the id, and without one to the last call', () => {
    const read = toolCalls(
      calls(
        { id: 'a', function: { name: 'one', arguments: '{' } },
        { function: { arguments: '}' } },
        { id: 'b', function: { name: 'two', arguments: '{}' } },
      ),
    );
    expect(read).toEqual([
      ['a', 'one', '{}'],
      ['b', 'two', '{}'],
    ]);
  });

  test('4.1.11 the same index with another id and name begins another call', () => {
    const read = toolCalls(
      calls(
        { index: 0, id: 'a', function: { name: 'one', arguments: '{}' } },
        { index: 0, id: 'b', function: { name: 'two', arguments: '{}' } },
      ),
    );
    expect(read.map(([id]) => id)).toEqual(['a', 'b']);
  });

  test('4.1.11 an id that is blank or repeated changes nothing, and one is made where there is none', () => {
    const repeated = calls(
      { index: 0, id: 'a', function: { name: 'one', arguments: '{' } },
      { index: 0, id: '', function: { arguments: '}' } },
      { index: 0, id: 'a', function: { arguments: '' } },
    );
    expect(toolCalls(repeated)).toEqual([['a', 'one', '{}']]);
    const [[id] = []] = toolCalls(calls({ index: 0, id: '', function: { name: 'one', arguments: '{}' } }));
    expect(id).toMatch(/^call_.+/);
  });

  test('4.1.11 arguments that come before the name wait for it', () => {
    const events = eventsOf(
      calls(
        { index: 0, id: 'a', function: { arguments: '{"x":' } },
        { index: 0, function: { name: 'one', arguments: '1}' } },
      ),
    );
    const types = events.map(({ type }) => type);
    expect(types.indexOf('tool-input-start')).toBeLessThan(types.indexOf('tool-input-delta'));
    expect(replyOf(events).toolCalls[0]).toMatchObject({ toolName: 'one', input: { x: 1 } });
  });

  test('4.1.11 a call without arguments has an empty object, and arguments that are an object are its JSON', () => {
    expect(toolCalls(calls({ index: 0, id: 'a', function: { name: 'one', arguments: '' } }))).toEqual([
      ['a', 'one', '{}'],
    ]);
    expect(toolCalls(calls({ id: 'a', function: { name: 'one', arguments: { x: 1 } } }))).toEqual([
      ['a', 'one', '{"x":1}'],
    ]);
  });

  test('4.1.11 a call that never gets a name is no answer', () => {
    expect(() => eventsOf(calls({ index: 0, id: 'a', function: { arguments: '{}' } }))).toThrow(
      expect.objectContaining({ code: 'INVALID_RESPONSE' }),
    );
  });

  test('4.1.13 a thought signature of the Gemini endpoint stays on its call', () => {
    const extra = { google: { thought_signature: 'sig' } };
    const reply = replyOf(
      eventsOf(calls({ id: 'a', function: { name: 'one', arguments: '{}' }, extra_content: extra })),
    );
    expect(reply.toolCalls[0]?.providerMetadata).toEqual({ test: { extraContent: extra } });
  });
});

describe('text and reasoning', () => {
  test('4.1.8 a refusal is a refusal although the finish reason says stop, also beside text', () => {
    const reply = replyOf(
      eventsOf([
        chunk({ content: null, refusal: 'I cannot' }),
        chunk({ refusal: ' do that.' }),
        chunk({}, 'stop'),
      ]),
    );
    expect(reply).toMatchObject({ text: '', refusal: 'I cannot do that.', finishReason: 'content-filter' });
    const both = replyOf(eventsOf([chunk({ content: 'Well. ' }), chunk({ refusal: 'No.' }, 'stop')]));
    expect(both).toMatchObject({ text: 'Well. ', refusal: 'No.' });
  });

  test('4.1.9 a finish reason that shares its chunk with the last text loses none of it', () => {
    const reply = replyOf(eventsOf([chunk({ content: 'a' }), chunk({ content: 'b' }, 'length')]));
    expect(reply).toMatchObject({ text: 'ab', finishReason: 'length', rawFinishReason: 'length' });
  });

  test('4.1.9 tool calls make the reason tool-calls, also where the server says stop', () => {
    const said = [
      chunk({ tool_calls: [{ id: 'a', function: { name: 'one', arguments: '{}' } }] }),
      chunk({}, 'stop'),
    ];
    expect(replyOf(eventsOf(said)).finishReason).toBe('tool-calls');
  });

  test('4.1.10 the names come from the first chunk that has them', () => {
    const nameless = { id: '', model: '', created: 0, choices: [], prompt_filter_results: [] };
    const events = eventsOf([nameless, chunk({ content: 'a' }, 'stop')]);
    expect(events[0]).toMatchObject({ type: 'response-metadata', id: 'chatcmpl-1', modelId: 'gpt-test' });
    expect(events.filter(({ type }) => type === 'response-metadata')).toHaveLength(1);
  });

  test.each(['reasoning_content', 'reasoning'])(
    '4.1.12 %s is reasoning, and ends before what follows',
    (field) => {
      const events = eventsOf([
        chunk({ [field]: 'hm' }),
        chunk({ [field]: 'm' }),
        chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{}' } }] }),
        chunk({}, 'tool_calls'),
      ]);
      const types = events.map(({ type }) => type);
      expect(types.indexOf('reasoning-end')).toBeLessThan(types.indexOf('tool-input-start'));
      expect(replyOf(events)).toMatchObject({ reasoning: 'hmm', text: '' });
    },
  );

  test('4.1.12 reasoning in tags at the beginning is told apart, wherever the chunks are cut', () => {
    const said = '<think>2+2 < 5</think>\n\nIt is 4, </think> or so.';
    for (let size = 1; size <= said.length; size++) {
      const chunks =
        said.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g'))?.map((content) => chunk({ content })) ?? [];
      const reply = replyOf(eventsOf([...chunks, chunk({}, 'stop')], 'think'));
      expect(reply).toMatchObject({ reasoning: '2+2 < 5', text: 'It is 4, </think> or so.' });
    }
  });

  test('4.1.12 a tag further on is ordinary text, and so is one that nobody asked to look for', () => {
    const later = [chunk({ content: 'See <think>x</think>' }, 'stop')];
    expect(replyOf(eventsOf(later, 'think'))).toMatchObject({ text: 'See <think>x</think>', reasoning: '' });
    const first = [chunk({ content: '<think>x</think>' }, 'stop')];
    expect(replyOf(eventsOf(first)).text).toBe('<think>x</think>');
  });

  test('content in parts is read, thinking parts as reasoning', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'Yes.' },
    ];
    expect(replyOf(eventsOf([chunk({ content }, 'stop')]))).toMatchObject({ reasoning: 'hm', text: 'Yes.' });
  });

  test('citations are sources', () => {
    const annotations = [
      { type: 'url_citation', url_citation: { url: 'https://example.com/', title: 'Example' } },
    ];
    const { content } = replyOf(eventsOf([chunk({ content: 'a', annotations }, 'stop')]));
    expect(content).toContainEqual(expect.objectContaining({ type: 'source', url: 'https://example.com/' }));
  });

  test('4.1.14 a stream that ends without a finish reason was interrupted', () => {
    const read = (): unknown => eventsOf([chunk({ content: 'a' })]);
    expect(read).toThrow(expect.objectContaining({ code: 'INTERRUPTED', retryable: true }));
    expect(read).toThrow(ProviderError);
  });
});

describe('usage', () => {
  const usageOf = (usage: unknown) => replyOf(eventsOf([chunk({}, 'stop'), { choices: [], usage }])).usage;

  test('4.1.6 usage is taken from a last chunk without choices', () => {
    expect(usageOf({ prompt_tokens: 5, completion_tokens: 7 })).toMatchObject({
      inputTokens: { total: 5 },
      outputTokens: { total: 7 },
      estimated: false,
    });
  });

  test('4.1.7 cached and written tokens are part of the prompt, reasoning is part of the completion', () => {
    const raw = {
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 20 },
    };
    expect(usageOf(raw)).toEqual({
      inputTokens: { total: 100, noCache: 10, cacheRead: 60, cacheWrite: 30 },
      outputTokens: { total: 50, text: 30, reasoning: 20 },
      raw,
      estimated: false,
    });
  });

  test('sound in the prompt is told apart where there is any', () => {
    const audio = (audio_tokens: number) =>
      usageOf({ prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { audio_tokens } })
        .inputTokens;
    expect(audio(7)).toMatchObject({ total: 10, noCache: 10, audio: 7 });
    expect(audio(0)).not.toHaveProperty('audio');
  });

  test('4.1.7 no difference goes below zero when a server misreports', () => {
    const usage = usageOf({
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 20 },
    });
    expect(usage.inputTokens.noCache).toBe(0);
    expect(usage.outputTokens.text).toBe(0);
  });

  test('4.1.7 reasoning that a server leaves out of the completion is added to it', () => {
    const usage = usageOf({
      prompt_tokens: 307,
      completion_tokens: 26,
      total_tokens: 560,
      completion_tokens_details: { reasoning_tokens: 227 },
    });
    expect(usage.outputTokens).toEqual({ total: 253, text: 26, reasoning: 227 });
  });

  test('counts that are missing or no numbers are unknown, not zero', () => {
    expect(usageOf({ prompt_tokens: '5', completion_tokens: -1 })).toMatchObject({
      inputTokens: { total: undefined },
      outputTokens: { total: undefined },
    });
    expect(usageOf(null).raw).toBeUndefined();
  });
});
