import type { AssistantPart, JsonObject, Message, ModelRequest, UserPart } from '@millrace/core/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { googleTraits } from './model-traits.js';
import { writeRequest } from './write-request.js';

const SECOND = 'gemini-2.5-flash';
const THIRD = 'gemini-3.5-flash';
const user = (...content: (UserPart | string)[]): Message => ({
  role: 'user',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const assistant = (...content: (AssistantPart | string)[]): Message => ({
  role: 'assistant',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const call = (toolCallId: string, own?: JsonObject, toolName = 'look'): AssistantPart => ({
  type: 'tool-call',
  toolCallId,
  toolName,
  input: { at: toolCallId },
  ...(own !== undefined && { providerMetadata: { google: own } }),
});
const result = (toolCallId: string, value: string | object = 'seen'): Message => ({
  role: 'tool',
  content: [
    {
      type: 'tool-result',
      toolCallId,
      toolName: 'look',
      output:
        typeof value === 'string' ? { type: 'text', value } : { type: 'json', value: value as JsonObject },
    },
  ],
});
const write = (request: Partial<ModelRequest>) => {
  const whole: ModelRequest = { model: SECOND, messages: [user('Hi')], ...request };
  return writeRequest(whole, 'google', googleTraits(whole.model));
};
const contentsOf = (model: string, ...messages: Message[]) =>
  write({ model, messages }).body['contents'] as { role: string; parts: JsonObject[] }[];
const config = (request: Partial<ModelRequest>) => write(request).body['generationConfig'] as JsonObject;
const features = (request: Partial<ModelRequest>) =>
  write(request).warnings.map((warning) => ('feature' in warning ? warning.feature : warning.message));
const look = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;

describe('messages', () => {
  test('4.4.1 instructions stand apart, before the first turn for Gemma, and as a note when they come later', () => {
    const messages: Message[] = [
      { role: 'system', content: 'A' },
      { role: 'system', content: 'B' },
      user('Hi'),
      { role: 'system', content: 'C' },
    ];
    expect(write({ messages }).body['systemInstruction']).toEqual({ parts: [{ text: 'A' }, { text: 'B' }] });
    expect(features({ messages })).toHaveLength(1);
    const gemma = write({ model: 'gemma-3-27b-it', messages: messages.slice(0, 3) }).body;
    expect(gemma['systemInstruction']).toBeUndefined();
    expect(gemma['contents']).toEqual([{ role: 'user', parts: [{ text: 'A\n\nB\n\n' }, { text: 'Hi' }] }]);
  });

  test('4.4.2 results of one turn are together; they carry an id only when the vendor gave one', () => {
    const contents = contentsOf(
      SECOND,
      user('Look'),
      assistant(call('a', { id: 'a' }), call('b')),
      result('a'),
      result('b'),
      user('And?'),
    );
    expect(contents.map(({ role, parts }) => [role, parts.length])).toEqual([
      ['user', 1],
      ['model', 2],
      ['user', 2],
      ['user', 1],
    ]);
    expect(contents[2]?.parts).toEqual([
      { functionResponse: { id: 'a', name: 'look', response: { output: 'seen' } } },
      { functionResponse: { name: 'look', response: { output: 'seen' } } },
    ]);
  });

  test('4.4.3 a signature goes back on its own part, also on an empty one', () => {
    const [, model] = contentsOf(
      THIRD,
      user('Hi'),
      assistant(
        { type: 'reasoning', text: 'Hm', providerMetadata: { google: { thought: true } } },
        'Answer',
        { type: 'text', text: '', providerMetadata: { google: { thoughtSignature: 'sig' } } },
        { type: 'reasoning', text: 'foreign', providerMetadata: { anthropic: { signature: 'x' } } },
      ),
    );
    expect(model?.parts).toEqual([
      { text: 'Hm', thought: true },
      { text: 'Answer' },
      { text: '', thoughtSignature: 'sig' },
    ]);
  });

  test('4.4.4 a foreign set of calls gets the documented stand-in on its first call only', () => {
    const messages = [user('Look'), assistant(call('a'), call('b')), result('a'), result('b')];
    const parts = contentsOf(THIRD, ...messages)[1]?.parts ?? [];
    expect(parts.map((part) => part['thoughtSignature'])).toEqual([
      'skip_thought_signature_validator',
      undefined,
    ]);
    expect(features({ model: THIRD, messages })).toEqual(['tool call of another provider']);
    expect(JSON.stringify(contentsOf(SECOND, ...messages))).not.toContain('skip_thought');
    const own = [user('Look'), assistant(call('a', { thoughtSignature: 's' }), call('b'))];
    expect(contentsOf(THIRD, ...own)[1]?.parts.map((part) => part['thoughtSignature'])).toEqual([
      's',
      undefined,
    ]);
  });

  test('4.4.5 a result is an object; keys that read as references become text; files go where the model takes them', () => {
    const response = (value: object, model = THIRD) =>
      contentsOf(model, user('Look'), assistant(call('a')), result('a', value)).at(-1)?.parts[0];
    expect(response({ a: [{ $ref: 'x' }] })).toEqual({
      functionResponse: { name: 'look', response: { output: '{"a":[{"$ref":"x"}]}' } },
    });
    const image: UserPart = {
      type: 'file',
      mediaType: 'image/png',
      data: { type: 'data', data: 'iVBORw0=' },
    };
    const withFile: Message = {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'a',
          toolName: 'look',
          output: { type: 'content', value: [{ type: 'text', text: 'T' }, image] },
        },
      ],
    };
    const inline = { inlineData: { mimeType: 'image/png', data: 'iVBORw0=' } };
    const history = [user('Look'), assistant(call('a')), withFile];
    expect(contentsOf(THIRD, ...history).at(-1)?.parts).toEqual([
      { functionResponse: { name: 'look', response: { output: 'T' }, parts: [inline] } },
    ]);
    expect(contentsOf(SECOND, ...history).at(-1)?.parts).toEqual([
      { functionResponse: { name: 'look', response: { output: 'T' } } },
      { text: 'Files of the result of look:' },
      inline,
    ]);
  });

  test('4.4.14 files by bytes, URL and reference, with their exact type', () => {
    const part = (file: Omit<Extract<UserPart, { type: 'file' }>, 'type'>, model = SECOND) =>
      contentsOf(model, user({ type: 'file', ...file }))[0]?.parts[0];
    expect(part({ mediaType: 'image/*', data: { type: 'data', data: 'iVBORw0=' } })).toEqual({
      inlineData: { mimeType: 'image/png', data: 'iVBORw0=' },
    });
    const video = { type: 'url', url: 'https://youtu.be/x' } as const;
    expect(part({ mediaType: 'video/mp4', data: video })).toEqual({
      fileData: { fileUri: 'https://youtu.be/x', mimeType: 'video/mp4' },
    });
    const elsewhere = { type: 'url', url: 'https://x.example/a.png' } as const;
    expect(part({ mediaType: 'image/png', data: elsewhere }, THIRD)).toMatchObject({ fileData: {} });
    const reference = { type: 'reference', reference: { google: 'files/1' } } as const;
    expect(part({ mediaType: 'application/pdf', data: reference })).toMatchObject({
      fileData: { fileUri: 'files/1' },
    });
    for (const wrong of [
      { mediaType: 'image/png', data: elsewhere },
      { mediaType: 'image/*', data: { type: 'data', data: 'AAAA' } },
      { mediaType: 'video/*', data: video },
      { mediaType: 'image/png', data: { type: 'reference', reference: { openai: 'f' } } },
    ] as const)
      expect(() => part(wrong)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});

describe('tools, structured output and settings', () => {
  const schema = {
    type: 'object',
    properties: { kind: { const: 'city' }, const: { type: 'string' } },
  } as const;

  test('4.4.6 `const` becomes a list of one value, and a property of that name stays', () => {
    expect(config({ responseFormat: { type: 'json', schema } })).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: { properties: { kind: { enum: ['city'] }, const: { type: 'string' } } },
    });
  });

  test('4.4.7 beside tools a schema is native from the third generation on, and a tool before or beside a forced call', () => {
    const responseFormat = { type: 'json', schema } as const;
    expect(write({ model: THIRD, tools: [look], responseFormat })).toMatchObject({
      jsonTool: undefined,
      body: { generationConfig: { responseMimeType: 'application/json' } },
    });
    for (const request of [{ model: SECOND }, { model: THIRD, toolChoice: { type: 'required' } }] as const) {
      const { body, jsonTool } = write({ ...request, tools: [look], responseFormat });
      expect(jsonTool).toBe('json');
      expect(body['generationConfig']).not.toHaveProperty('responseMimeType');
      expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'ANY' } });
    }
    const taken = { ...look, name: 'json' };
    expect(write({ tools: [taken], responseFormat }).jsonTool).toBe('json_');
  });

  test('4.4.8 the mode of calls, and `none` takes the vendor’s own tools away', () => {
    const mode = (request: Partial<ModelRequest>) =>
      (write({ tools: [look], ...request }).body['toolConfig'] as JsonObject)['functionCallingConfig'];
    expect(mode({})).toEqual({ mode: 'AUTO' });
    expect(mode({ tools: [{ ...look, strict: true }] })).toEqual({ mode: 'VALIDATED' });
    expect(mode({ toolChoice: { type: 'tool', toolName: 'look' } })).toEqual({
      mode: 'ANY',
      allowedFunctionNames: ['look'],
    });
    expect(mode({ toolChoice: { type: 'none' } })).toEqual({ mode: 'NONE' });
    const providerOptions = { google: { tools: [{ googleSearch: {} }] } };
    expect(write({ tools: [look], providerOptions }).body['tools']).toHaveLength(2);
    expect(
      write({ tools: [look], providerOptions, toolChoice: { type: 'none' } }).body['tools'],
    ).toHaveLength(1);
  });

  test('4.4.9 thinking is a budget or a level, and the least where it cannot be switched off', () => {
    const thinking = (model: string, reasoning: NonNullable<ModelRequest['reasoning']>) =>
      config({ model, reasoning })['thinkingConfig'];
    expect(thinking(SECOND, 'medium')).toEqual({ thinkingBudget: 8_192, includeThoughts: true });
    expect(thinking(SECOND, 'none')).toEqual({ thinkingBudget: 0 });
    expect(thinking('gemini-2.5-pro', 'none')).toEqual({ thinkingBudget: 128 });
    expect(thinking(THIRD, 'high')).toEqual({ thinkingLevel: 'high', includeThoughts: true });
    expect(thinking(THIRD, 'none')).toEqual({ thinkingLevel: 'minimal' });
    expect(thinking('gemini-4-argon', 'none')).toEqual({ thinkingLevel: 'low' });
    expect(thinking('gemini-3-pro-preview', 'minimal')).toEqual({
      thinkingLevel: 'low',
      includeThoughts: true,
    });
    expect(features({ model: THIRD, reasoning: 'max' })).toEqual(['reasoning']);
    expect(features({ model: 'gemini-2.0-flash', reasoning: 'low' })).toEqual(['reasoning']);
    const own = { google: { thinkingConfig: { thinkingBudget: 7 } } };
    expect(config({ reasoning: 'high', providerOptions: own })['thinkingConfig']).toEqual({
      thinkingBudget: 7,
    });
  });

  test('settings keep their meaning; what the vendor does not have is told', () => {
    expect(
      config({ maxOutputTokens: 5, temperature: 1.5, topP: 0.5, topK: 3, seed: 7, presencePenalty: 1 }),
    ).toMatchObject({
      maxOutputTokens: 5,
      temperature: 1.5,
      topP: 0.5,
      topK: 3,
      seed: 7,
      presencePenalty: 1,
    });
    expect(features({ tools: [look], parallelToolCalls: false })).toEqual(['parallelToolCalls']);
    expect(features({ stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] })).toEqual(['stopSequences']);
    const { body, warnings } = write({
      providerOptions: {
        google: { safetySettings: [{ category: 'X' }], contents: [], generationConfig: { x: 1 } },
      },
    });
    expect(body).toMatchObject({ safetySettings: [{ category: 'X' }], generationConfig: { x: 1 } });
    expect(body['contents']).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });
});

test('any history becomes turns of two roles with at least one part, and a result keeps its call’s id', () => {
  const text = fc.constantFrom('', 'x');
  const message = fc.oneof(
    text.map((content): Message => ({ role: 'system', content })),
    fc.array(text, { maxLength: 2 }).map((texts): Message => user(...texts)),
    fc
      .tuple(
        fc.array(text, { maxLength: 2 }),
        fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }),
        fc.boolean(),
      )
      .map(
        ([texts, calls, own]): Message =>
          assistant(
            ...texts,
            ...calls.map((id) => call(id, own ? { id, thoughtSignature: 's' } : undefined)),
          ),
      ),
    fc.constantFrom('a', 'b').map((id): Message => result(id)),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 10 }), fc.constantFrom(SECOND, THIRD), (messages, model) => {
      const ids = new Set<unknown>();
      for (const { role, parts } of contentsOf(model, ...messages)) {
        expect(['user', 'model']).toContain(role);
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) {
          const { functionCall, functionResponse } = part as Record<string, { id?: string } | undefined>;
          if (functionCall?.id !== undefined) ids.add(functionCall.id);
          if (functionResponse?.id !== undefined) expect(ids).toContain(functionResponse.id);
        }
        const signed = parts.filter(
          (part) => part['thoughtSignature'] === 'skip_thought_signature_validator',
        );
        if (model === SECOND) expect(signed).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});
