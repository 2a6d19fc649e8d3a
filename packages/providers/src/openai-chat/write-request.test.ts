import type { Message, ModelRequest } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { openaiModelTraits } from '../openai/model-traits.js';
import type { OpenAIChatQuirks } from './quirks.js';
import { writeRequest } from './write-request.js';

const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
const tool = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;

const write = (request: Partial<ModelRequest>, quirks: OpenAIChatQuirks = {}, stream = false) => {
  const dialect = { provider: 'openai', quirks, traits: openaiModelTraits };
  const written = writeRequest({ model: 'gpt-4o', messages: [user], ...request }, dialect, stream);
  return {
    ...written,
    body: JSON.parse(JSON.stringify(written.body)) as Record<string, never> & {
      messages: Record<string, unknown>[];
    },
  };
};
const features = ({ warnings }: ReturnType<typeof write>) =>
  warnings.map((warning) => ('feature' in warning ? warning.feature : warning.message));

describe('settings by model', () => {
  const system: Message = { role: 'system', content: 'Be brief.' };

  test('4.1.1 instructions are for the developer role on reasoning models, and what the quirk says elsewhere', () => {
    expect(write({ messages: [system, user] }).body.messages[0]?.['role']).toBe('system');
    expect(write({ model: 'o3', messages: [system, user] }).body.messages[0]?.['role']).toBe('developer');
    expect(write({ messages: [system] }, { systemRole: 'developer' }).body.messages[0]?.['role']).toBe(
      'developer',
    );
  });

  test('4.1.2 a reasoning model gets max_completion_tokens and no sampling settings, each with a warning', () => {
    const written = write({
      model: 'o4-mini',
      maxOutputTokens: 9,
      temperature: 1,
      topP: 0.5,
      presencePenalty: 1,
    });
    expect(written.body).toMatchObject({ max_completion_tokens: 9 });
    for (const name of ['max_tokens', 'temperature', 'top_p', 'presence_penalty'])
      expect(written.body).not.toHaveProperty(name);
    expect(features(written)).toEqual(['temperature', 'top_p', 'presence_penalty']);
    expect(write({ maxOutputTokens: 9, temperature: 1 }).body).toMatchObject({
      max_tokens: 9,
      temperature: 1,
    });
  });

  test('4.1.2 with reasoning off, a model that allows it then keeps its sampling settings', () => {
    expect(write({ model: 'gpt-5.1', reasoning: 'none', temperature: 1 }).body).toMatchObject({
      temperature: 1,
    });
    expect(write({ model: 'gpt-5.1', reasoning: 'low', temperature: 1 }).body).not.toHaveProperty(
      'temperature',
    );
    expect(write({ model: 'gpt-5', reasoning: 'low', temperature: 1 }).body).not.toHaveProperty(
      'temperature',
    );
  });

  test('4.1.3 tools switch reasoning off where a model takes no tools while it reasons', () => {
    const written = write({ model: 'gpt-5.6-terra', tools: [tool], reasoning: 'high' });
    expect(written.body).toMatchObject({ reasoning_effort: 'none' });
    expect(features(written)).toContain('reasoning');
    expect(write({ model: 'gpt-6-sol', tools: [tool], reasoning: 'high' }).body).toMatchObject({
      reasoning_effort: 'high',
    });
  });

  test('4.1.3 an effort that is not taken here becomes the nearest one, with a warning', () => {
    const written = write({ model: 'gpt-6-sol', reasoning: 'max' });
    expect(written.body).toMatchObject({ reasoning_effort: 'xhigh' });
    expect(features(written)).toEqual(['reasoning']);
    expect(write({ model: 'gpt-4o', reasoning: 'high' }).body).not.toHaveProperty('reasoning_effort');
  });

  test('4.1.4 prompt_cache_retention is left out for the sixth generation, with a warning', () => {
    const providerOptions = { openai: { prompt_cache_retention: '24h' } };
    expect(write({ model: 'gpt-5.1', providerOptions }).body).toMatchObject({
      prompt_cache_retention: '24h',
    });
    const written = write({ model: 'gpt-6-sol', providerOptions });
    expect(written.body).not.toHaveProperty('prompt_cache_retention');
    expect(features(written)).toEqual(['prompt_cache_retention']);
  });

  test('4.1.6 the usage of a stream is always asked for, unless a server refuses the field', () => {
    expect(write({}, {}, true).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(write({}, { includeUsage: false }, true).body).not.toHaveProperty('stream_options');
    expect(write({}).body).not.toHaveProperty('stream_options');
  });

  test('4.1.17 a service tier that the model does not have is left out, with a warning', () => {
    const flex = { openai: { service_tier: 'flex' } };
    expect(features(write({ model: 'gpt-4o', providerOptions: flex }))).toEqual(['service_tier']);
    expect(write({ model: 'o3', providerOptions: flex }).body).toMatchObject({ service_tier: 'flex' });
  });

  test("a vendor's own options are passed on as they are, its own id first, but cannot replace the conversation", () => {
    const providerOptions = { openai: { logit_bias: { 5: 1 }, store: true, model: 'other' }, groq: { x: 1 } };
    const written = write({ providerOptions });
    expect(written.body).toMatchObject({ model: 'gpt-4o', logit_bias: { 5: 1 }, store: true });
    expect(written.body).not.toHaveProperty('x');
    expect(features(written)).toEqual(['providerOptions.model']);
  });
});

describe('messages', () => {
  test('4.1.16 an image goes by URL or as data, with its detail; audio and documents as data', () => {
    const { body } = write({
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'file',
              mediaType: 'image/*',
              data: { type: 'url', url: 'https://example.com/a.png' },
              providerMetadata: { openai: { detail: 'low' } },
            },
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
            { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AAAA' } },
            {
              type: 'file',
              mediaType: 'application/pdf',
              filename: 'a.pdf',
              data: { type: 'data', data: 'AAAA' },
            },
            {
              type: 'file',
              mediaType: 'application/pdf',
              data: { type: 'reference', reference: { openai: 'file-1' } },
            },
          ],
        },
      ],
    });
    expect(body.messages[0]?.['content']).toEqual([
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
      { type: 'file', file: { file_id: 'file-1' } },
    ]);
  });

  test('4.1.16 a file that cannot be sent is refused before anything is', () => {
    const refused =
      (
        mediaType: string,
        data: { type: 'url'; url: string } | { type: 'reference'; reference: Record<string, string> },
      ) =>
      () =>
        write({ messages: [{ role: 'user', content: [{ type: 'file', mediaType, data }] }] });
    expect(refused('application/pdf', { type: 'url', url: 'https://example.com/a.pdf' })).toThrow(
      /only images can/,
    );
    expect(refused('image/png', { type: 'reference', reference: { google: 'x' } })).toThrow(
      /uploaded to google/,
    );
  });

  test('4.1.16 each tool result is a message of its own, right behind the calls', () => {
    const { body } = write({
      messages: [
        user,
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', toolCallId: 'a', toolName: 'look', input: { x: 1 }, inputText: '{ "x":1 }' },
            { type: 'tool-call', toolCallId: 'b', toolName: 'look', input: { x: 2 } },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'a',
              toolName: 'look',
              output: { type: 'json', value: { y: 1 } },
            },
            {
              type: 'tool-result',
              toolCallId: 'b',
              toolName: 'look',
              output: { type: 'error-text', value: 'no' },
            },
          ],
        },
      ],
    });
    expect(body.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          // Byte for byte as the model wrote it, for the vendor's prompt cache.
          { id: 'a', type: 'function', function: { name: 'look', arguments: '{ "x":1 }' } },
          { id: 'b', type: 'function', function: { name: 'look', arguments: '{"x":2}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"y":1}' },
      { role: 'tool', tool_call_id: 'b', content: 'no' },
    ]);
  });

  test('4.1.16 an image in a tool result is not portable: a note takes its place, with a warning', () => {
    const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } } as const;
    const output = { type: 'content', value: [{ type: 'text', text: 'seen' }, file] } as const;
    const written = write({
      messages: [
        user,
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'look', output }] },
      ],
    });
    expect(JSON.stringify(written.body)).not.toContain('AAAA');
    expect(features(written)).toEqual(['file in a tool result']);
  });

  test('4.1.13 a thought signature goes back on its own call', () => {
    const extraContent = { google: { thought_signature: 'sig' } };
    const call = {
      type: 'tool-call',
      toolCallId: 'a',
      toolName: 'look',
      input: {},
      providerMetadata: { openai: { extraContent } },
    } as const;
    const { body } = write({ messages: [user, { role: 'assistant', content: [call] }] });
    expect(body.messages[1]).toMatchObject({ tool_calls: [{ id: 'a', extra_content: extraContent }] });
  });

  test('reasoning of an earlier turn is left out with a warning, and sent back where the vendor wants it', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'Yes.' },
        ],
      },
    ];
    const written = write({ messages });
    expect(written.body.messages[0]).toEqual({ role: 'assistant', content: 'Yes.' });
    expect(features(written)).toEqual(['reasoning in the history']);
    expect(write({ messages }, { echoReasoning: true }).body.messages[0]).toMatchObject({
      reasoning_content: 'hm',
    });
  });
});

describe('schemas', () => {
  const format = (schema: object, strict?: boolean) =>
    write({ responseFormat: { type: 'json', schema: schema as never, strict } });
  const schemaOf = (written: ReturnType<typeof write>) =>
    (written.body as never as { response_format: { json_schema: { schema: object; strict: boolean } } })
      .response_format.json_schema;

  test('4.1.5 a schema that fits is strict, its objects closed', () => {
    const written = format({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] });
    expect(schemaOf(written)).toMatchObject({ strict: true, schema: { additionalProperties: false } });
    expect(written.warnings).toEqual([]);
  });

  test('4.1.5 propertyNames and lookaround are left out with a warning, a single allOf becomes its reference', () => {
    const written = format({
      type: 'object',
      properties: {
        a: { type: 'string', pattern: '^(?!x)' },
        b: { allOf: [{ $ref: '#/$defs/B' }] },
        c: { type: 'object', propertyNames: { pattern: 'x' }, properties: {}, required: [] },
      },
      required: ['a', 'b', 'c'],
      $defs: { B: { type: 'string' } },
    });
    expect(schemaOf(written).schema).toMatchObject({
      properties: { a: { type: 'string' }, b: { $ref: '#/$defs/B' } },
    });
    expect(JSON.stringify(written.body)).not.toMatch(/propertyNames|\(\?!/);
    expect(features(written)).toEqual(['JSON Schema pattern with lookaround', 'JSON Schema propertyNames']);
  });

  test('4.1.5 a schema with optional properties is sent as it is, not strict, with a warning', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const written = format(schema);
    expect(schemaOf(written)).toMatchObject({ strict: false, schema });
    expect(schemaOf(written).schema).not.toHaveProperty('additionalProperties');
    expect(features(written)).toEqual(['strict JSON Schema']);
    expect(schemaOf(format(schema, true)).strict).toBe(true);
  });

  test('4.1.5 a strict tool is normalised, any other goes as it is', () => {
    const inputSchema = {
      type: 'object',
      properties: { a: { type: 'string', pattern: '(?=x)' } },
      required: ['a'],
    };
    const parameters = (strict: boolean | undefined) =>
      JSON.stringify(write({ tools: [{ ...tool, inputSchema, strict }] }).body);
    expect(parameters(true)).toContain('"additionalProperties":false');
    expect(parameters(undefined)).toContain('(?=x)');
  });

  test('a server without schemas is asked for an object, one without JSON for nothing, each with a warning', () => {
    const responseFormat = { type: 'json', schema: { type: 'object' } } as const;
    expect(write({ responseFormat }, { jsonOutput: 'object' }).body).toMatchObject({
      response_format: { type: 'json_object' },
    });
    const none = write({ responseFormat }, { jsonOutput: 'none' });
    expect(none.body).not.toHaveProperty('response_format');
    expect(features(none)).toEqual(['JSON output']);
  });
});
