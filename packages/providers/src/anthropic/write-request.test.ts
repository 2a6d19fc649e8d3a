import type { AssistantPart, JsonObject, Message, ModelRequest, UserPart } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { anthropic } from './anthropic.js';
import { anthropicTraits } from './model-traits.js';
import { fitsGrammar, sanitiseSchema } from './sanitise-schema.js';
import { writeRequest } from './write-request.js';

const OLD = 'claude-sonnet-4-5';
const NEW = 'claude-opus-4-8';
const ALWAYS = 'claude-opus-5-5';

const user = (...content: (UserPart | string)[]): Message => ({
  role: 'user',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const assistant = (...content: (AssistantPart | string)[]): Message => ({
  role: 'assistant',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const call = (toolCallId: string, input: unknown = {}): AssistantPart => ({
  type: 'tool-call',
  toolCallId,
  toolName: 'look',
  input,
});
const result = (toolCallId: string, value = 'seen'): Message => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId, toolName: 'look', output: { type: 'text', value } }],
});
const write = (request: Partial<ModelRequest>, provider = 'anthropic') => {
  const whole: ModelRequest = { model: OLD, messages: [user('Hi')], ...request };
  return writeRequest(whole, provider, anthropicTraits(whole.model), false);
};
const messagesOf = (...messages: Message[]): JsonObject[] =>
  write({ messages }).body['messages'] as JsonObject[];
const contentOf = (messages: readonly JsonObject[], index: number): JsonObject[] =>
  (messages[index]?.['content'] ?? []) as JsonObject[];
const features = (request: Partial<ModelRequest>) =>
  write(request).warnings.map((warning) => ('feature' in warning ? warning.feature : warning.message));

describe('limits and thinking', () => {
  test('4.3.1 max_tokens is always sent, from the limit of the model, and grows by the budget up to it', () => {
    expect(write({ model: 'claude-unknown' }).body['max_tokens']).toBe(4_096);
    expect(write({ model: NEW }).body['max_tokens']).toBe(128_000);
    expect(write({ maxOutputTokens: 500 }).body['max_tokens']).toBe(500);
    const budgeted = write({ maxOutputTokens: 500, reasoning: 'medium' }).body;
    expect(budgeted).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 8_192 },
      max_tokens: 8_692,
    });
    const clamped = write({ maxOutputTokens: 63_000, reasoning: 'high' });
    expect(clamped.body['max_tokens']).toBe(64_000);
    expect(clamped.warnings).toMatchObject([{ feature: 'maxOutputTokens' }]);
  });

  test('the longest answer for a budget of money is what is asked of the vendor', () => {
    const { outputLimit } = anthropic();
    const requests: readonly Partial<ModelRequest>[] = [
      {},
      { model: NEW },
      { maxOutputTokens: 500 },
      { maxOutputTokens: 500, reasoning: 'medium' },
      { maxOutputTokens: 63_000, reasoning: 'high' },
      { maxOutputTokens: 500, providerOptions: { anthropic: { max_tokens: 900 } } },
    ];
    for (const request of requests)
      expect(outputLimit?.({ model: OLD, messages: [user('Hi')], ...request })).toBe(
        write(request).body['max_tokens'],
      );
  });

  test('4.3.2 each family is told to think in its own way', () => {
    expect(write({ model: NEW, reasoning: 'high' }).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    expect(write({ model: NEW, reasoning: 'none' }).body['thinking']).toEqual({ type: 'disabled' });
    const always = write({ model: ALWAYS, reasoning: 'none' });
    expect(always.body).toMatchObject({ output_config: { effort: 'low' } });
    expect(always.body['thinking']).toBeUndefined();
    expect(always.warnings).toMatchObject([{ feature: 'reasoning', type: 'compatibility' }]);
    expect(features({ model: 'claude-3-5-haiku-latest', reasoning: 'high' })).toEqual(['reasoning']);
    expect(write({ model: 'claude-opus-4-6', reasoning: 'xhigh' }).body).toMatchObject({
      output_config: { effort: 'high' },
    });
  });

  test('4.3.3 sampling is left out where the model refuses it, clamped and made unambiguous where it takes it', () => {
    const sampling = { temperature: 0.5, topP: 0.9, topK: 5 };
    const modern = write({ model: NEW, ...sampling });
    expect(modern.body).not.toHaveProperty('temperature');
    expect(features({ model: NEW, ...sampling })).toEqual(['temperature', 'top_p', 'top_k']);
    expect(features({ ...sampling, reasoning: 'low' })).toEqual(['temperature', 'top_p', 'top_k']);
    const older = write({ temperature: 1.7, topP: 0.9, topK: 5 });
    expect(older.body).toMatchObject({ temperature: 1, top_k: 5 });
    expect(older.body).not.toHaveProperty('top_p');
    expect(features({ seed: 1, presencePenalty: 1, frequencyPenalty: 1 })).toEqual([
      'presencePenalty',
      'frequencyPenalty',
      'seed',
    ]);
  });
});

describe('messages', () => {
  test('4.3.4 thinking goes back with its signature or data, and that of another provider is left out', () => {
    const messages = [
      user('Hi'),
      assistant(
        { type: 'reasoning', text: 'mine', providerMetadata: { anthropic: { signature: 'sig' } } },
        { type: 'reasoning', text: '', providerMetadata: { anthropic: { redactedData: 'blob' } } },
        { type: 'reasoning', text: 'foreign', providerMetadata: { openai: { signature: 'x' } } },
        { type: 'reasoning', text: 'bare' },
        'Answer',
      ),
      user('More'),
    ];
    const written = write({ messages });
    expect((written.body['messages'] as JsonObject[])[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'mine', signature: 'sig' },
        { type: 'redacted_thinking', data: 'blob' },
        { type: 'text', text: 'Answer' },
      ],
    });
    expect(written.warnings).toEqual([
      {
        type: 'unsupported',
        feature: 'reasoning of another provider',
        details: expect.stringContaining('(2 times)'),
      },
    ]);
    expect(JSON.stringify(write({ messages }, 'other').body)).not.toContain('sig');
  });

  test('4.3.5 merges consecutive tool results, puts them first, and moves calls behind the text', () => {
    const written = messagesOf(
      user('Look'),
      assistant(call('a'), 'Looking', call('b')),
      result('a'),
      result('b'),
      user('And?'),
      assistant('One'),
      assistant('Two'),
    );
    expect(written.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(contentOf(written, 1).map(({ type }) => type)).toEqual(['text', 'tool_use', 'tool_use']);
    expect(contentOf(written, 2).map(({ type }) => type)).toEqual(['tool_result', 'tool_result', 'text']);
  });

  test('4.3.5 a call without a result gets one, and a result without a call becomes text', () => {
    const written = write({
      messages: [user('Look'), assistant(call('a'), call('b')), result('b'), result('z')],
    });
    const last = (written.body['messages'] as JsonObject[])[2]?.['content'] as JsonObject[];
    expect(last).toEqual([
      { type: 'tool_result', tool_use_id: 'b', content: 'seen' },
      { type: 'tool_result', tool_use_id: 'a', content: 'No result was recorded.', is_error: true },
      { type: 'text', text: 'Result of an earlier tool call: seen' },
    ]);
    expect(written.warnings).toHaveLength(2);
  });

  test('4.3.6 white space is trimmed at the end of an answer that is to be continued, and only there', () => {
    const written = messagesOf(user('Hi '), assistant('One '), user('More '), assistant('{ \n'));
    expect(written.map(({ content }) => (content as JsonObject[])[0]?.['text'])).toEqual([
      'Hi ',
      'One ',
      'More ',
      '{',
    ]);
  });

  test('4.3.7 instructions go on top; later ones become a note with a warning', () => {
    const system = (content: string): Message => ({ role: 'system', content });
    const { body, warnings } = write({ messages: [system('A'), system('B'), user('Hi'), system('C')] });
    expect(body['system']).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'B' },
    ]);
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: '<instructions>\nC\n</instructions>' },
        ],
      },
    ]);
    expect(warnings).toHaveLength(1);
  });

  test('4.3.8 no more than four cache breakpoints are sent, over tools, system and messages', () => {
    const cached = { anthropic: { cacheControl: { type: 'ephemeral', ttl: '1h' } } };
    const { body, warnings } = write({
      tools: [{ type: 'function', name: 'look', inputSchema: {}, providerOptions: cached }],
      messages: [
        { role: 'system', content: 'S', providerMetadata: cached },
        { role: 'user', content: [{ type: 'text', text: 'a', providerMetadata: cached }] },
        { role: 'assistant', content: [{ type: 'text', text: 'b' }], providerMetadata: cached },
        { role: 'user', content: [{ type: 'text', text: 'c', providerMetadata: cached }] },
      ],
    });
    expect(JSON.stringify(body).match(/"cache_control":\{"type":"ephemeral","ttl":"1h"\}/g)).toHaveLength(4);
    expect(warnings).toMatchObject([{ feature: 'cacheControl' }]);
  });

  test('4.3.16 a file of the vendor names its beta feature, each feature once', () => {
    const file = (id: string): UserPart => ({
      type: 'file',
      mediaType: 'application/pdf',
      data: { type: 'reference', reference: { anthropic: id } },
    });
    const { betas, body } = write({
      messages: [user(file('f1'), file('f2'))],
      providerOptions: { anthropic: { betas: ['mine-2026-01-01'] } },
    });
    expect(betas).toEqual(['mine-2026-01-01', 'files-api-2025-04-14']);
    expect(body).not.toHaveProperty('betas');
  });

  test('4.3.17 images, PDF and text by bytes, URL and reference; results of tools may hold images', () => {
    const png = 'iVBORw0KGgo=';
    const content = (part: UserPart) => contentOf(messagesOf(user(part)), 0)[0];
    const data = (bytes: string) => ({ type: 'data', data: bytes }) as const;
    expect(content({ type: 'file', mediaType: 'image/*', data: data(png) })).toEqual({
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: png },
    });
    expect(
      content({ type: 'file', mediaType: 'image/png', data: { type: 'url', url: 'https://x/y.png' } }),
    ).toEqual({ type: 'image', source: { type: 'url', url: 'https://x/y.png' } });
    expect(
      content({ type: 'file', mediaType: 'application/pdf', filename: 'a.pdf', data: data('JVBERg==') }),
    ).toMatchObject({ type: 'document', title: 'a.pdf', source: { media_type: 'application/pdf' } });
    expect(content({ type: 'file', mediaType: 'text/csv', data: data(btoa('a,b')) })).toMatchObject({
      type: 'document',
      source: { type: 'text', data: 'a,b' },
    });
    for (const wrong of [
      { mediaType: 'image/tiff', data: data('AAAA') },
      { mediaType: 'audio/wav', data: data('AAAA') },
      { mediaType: 'text/csv', data: { type: 'url', url: 'https://x' } },
      { mediaType: 'application/pdf', data: { type: 'reference', reference: { openai: 'f' } } },
    ] as const)
      expect(() => content({ type: 'file', ...wrong })).toThrow(
        expect.objectContaining({ code: 'BAD_REQUEST' }),
      );
    const written = messagesOf(user('Look'), assistant(call('a')), {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'a',
          toolName: 'look',
          output: { type: 'content', value: [{ type: 'file', mediaType: 'image/png', data: data(png) }] },
        },
      ],
    });
    expect(JSON.stringify(written[2])).toContain('"media_type":"image/png"');
  });

  test('ids of other vendors are made to fit, the same for call and result, and none are mixed up', () => {
    const written = messagesOf(
      user('Look'),
      assistant(call('call|1'), call('call_1'), call('x'.repeat(90))),
      result('call|1'),
      result('call_1'),
      result('x'.repeat(90)),
    );
    const ids = contentOf(written, 1).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(contentOf(written, 2).map((one) => one['tool_use_id'])).toEqual(ids);
  });
});

describe('tools and structured output', () => {
  const look = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;
  const closed = {
    type: 'object',
    properties: { city: { type: 'string', minLength: 2 }, at: { type: 'string', format: 'ipv7' } },
    required: ['city', 'at'],
  } as const;

  test('4.3.15 the choice and whether calls may be parallel share one object; a forced call yields to thinking', () => {
    const choice = (request: Partial<ModelRequest>) =>
      write({ tools: [look], ...request }).body['tool_choice'];
    expect(choice({})).toBeUndefined();
    expect(choice({ toolChoice: { type: 'required' }, parallelToolCalls: false })).toEqual({
      type: 'any',
      disable_parallel_tool_use: true,
    });
    expect(choice({ toolChoice: { type: 'tool', toolName: 'look' } })).toEqual({
      type: 'tool',
      name: 'look',
    });
    expect(choice({ toolChoice: { type: 'none' } })).toEqual({ type: 'none' });
    expect(choice({ toolChoice: { type: 'required' }, reasoning: 'low' })).toBeUndefined();
    expect(choice({ model: ALWAYS, toolChoice: { type: 'required' } })).toBeUndefined();
    expect(features({ tools: [look], model: ALWAYS, toolChoice: { type: 'required' } })).toEqual([
      'toolChoice',
    ]);
  });

  test('4.3.14 a schema that the grammar can hold is native, with limits told in words', () => {
    const { body, jsonTool } = write({ responseFormat: { type: 'json', schema: closed } });
    expect(jsonTool).toBeUndefined();
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            city: { type: 'string', description: '(minLength: 2)' },
            at: { type: 'string', description: '(format: ipv7)' },
          },
          required: ['city', 'at'],
          additionalProperties: false,
        },
      },
    });
  });

  test('4.3.14 recursion, many optional properties and open maps go by a tool that has to be called', () => {
    const recursive = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
    const optional = {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [`p${index}`, { type: 'string' }]),
      ),
    };
    const open = { type: 'object', additionalProperties: { type: 'string' } };
    for (const schema of [recursive, optional, open]) {
      expect(fitsGrammar(schema as never)).toBe(false);
      const { body, jsonTool } = write({
        responseFormat: { type: 'json', schema: schema as never, name: 'city' },
      });
      expect(jsonTool).toBe('city');
      expect(body['tool_choice']).toEqual({ type: 'tool', name: 'city', disable_parallel_tool_use: true });
    }
    expect(fitsGrammar(closed as never)).toBe(true);
    const withTool = write({ tools: [look], responseFormat: { type: 'json', schema: open, name: 'look' } });
    expect(withTool.jsonTool).toBe('look_');
    expect(withTool.body['tool_choice']).toEqual({ type: 'any', disable_parallel_tool_use: true });
  });

  test('4.3.14 a model that cannot be forced is asked in words, with a warning', () => {
    const open = { type: 'object', additionalProperties: true };
    const { body, warnings } = write({ model: ALWAYS, responseFormat: { type: 'json', schema: open } });
    expect(JSON.stringify(body['system'])).toContain('JSON Schema');
    expect(warnings).toMatchObject([{ feature: 'responseFormat' }]);
  });

  test('a schema is never made to let through less than its limits say in words', () => {
    expect(sanitiseSchema({ oneOf: [{ type: 'string' }, { type: 'number', minimum: 3 }] })).toEqual({
      anyOf: [{ type: 'string' }, { type: 'number', description: '(minimum: 3)' }],
    });
  });

  test('options of the vendor go into the body as they are; those that are not the caller’s do not', () => {
    const { body, warnings } = write({
      providerOptions: { anthropic: { metadata: { user_id: 'u' }, model: 'other', stream: true } },
    });
    expect(body).toMatchObject({ metadata: { user_id: 'u' }, model: OLD });
    expect(body).not.toHaveProperty('stream');
    expect(warnings).toHaveLength(2);
  });
});
