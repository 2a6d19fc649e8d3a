import type { ChatRequest } from '@millrace/core/gateway';
import { MillraceError } from '@millrace/core/model';
import { describe, expect, it } from 'vitest';
import { toChatRequest } from './convert-chat-request.js';
import { parseChatCompletionRequest } from './parse-chat-completion-request.js';

const { signal } = new AbortController();
const user = { role: 'user', content: 'hi' };

const convert = (body: Record<string, unknown>, labels = {}): ChatRequest =>
  toChatRequest(parseChatCompletionRequest({ messages: [user], ...body }), labels, signal);

const partsOf = (content: unknown): unknown =>
  convert({ messages: [{ role: 'user', content }] }).messages?.[0]?.content;

const paramOf = (body: Record<string, unknown>): unknown => {
  try {
    convert(body);
  } catch (error) {
    if (MillraceError.isInstance(error)) return error.details['param'];
    throw error;
  }
  throw new Error('The request was accepted.');
};

const tool = (name: string): object => ({
  type: 'function',
  function: { name, parameters: { type: 'object' } },
});
const assistantCall = (id: string, args: string): object => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: args } }],
});

describe('settings', () => {
  it('become ours one by one', () => {
    const request = convert({
      model: 'openai:gpt-4o',
      max_completion_tokens: 10,
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      presence_penalty: 1,
      frequency_penalty: -1,
      stop: 'END',
      seed: 7,
      reasoning_effort: 'low',
      parallel_tool_calls: false,
    });
    expect(request).toMatchObject({
      model: 'openai:gpt-4o',
      maxOutputTokens: 10,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      presencePenalty: 1,
      frequencyPenalty: -1,
      stopSequences: ['END'],
      seed: 7,
      reasoning: 'low',
      parallelToolCalls: false,
      signal,
    });
    expect(request.providerOptions).toBeUndefined();
  });

  it('prefer max_completion_tokens to the deprecated max_tokens', () => {
    expect(convert({ max_tokens: 5 }).maxOutputTokens).toBe(5);
    expect(convert({ max_tokens: 5, max_completion_tokens: 6 }).maxOutputTokens).toBe(6);
  });

  it('that only the vendor knows are handed on untouched, and those that are null are not', () => {
    const vendor = {
      logit_bias: { 1: -100 },
      logprobs: true,
      top_logprobs: 2,
      service_tier: 'flex',
      store: false,
      metadata: { a: 'b' },
      prediction: { type: 'content', content: 'x' },
      modalities: ['text'],
      verbosity: 'low',
      prompt_cache_key: 'k',
      safety_identifier: 's',
      web_search_options: {},
      never_heard_of: [1, { two: 3 }],
    };
    expect(convert({ ...vendor, audio: null }).providerOptions).toEqual({ openai: vendor });
  });

  it('that only matter between client and adapter stay here', () => {
    const request = convert({ stream: true, stream_options: { include_usage: true }, n: 1 });
    expect(request.providerOptions).toBeUndefined();
  });

  it.each([
    [{ type: 'text' }, { type: 'text' }],
    [{ type: 'json_object' }, { type: 'json' }],
    [
      { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: { type: 'object' } } },
      { type: 'json', name: 'n', strict: true, schema: { type: 'object' } },
    ],
  ])('map the response format %j', (given, expected) => {
    expect(convert({ response_format: given }).responseFormat).toEqual(expected);
  });

  it('carry every label of the host: budgets and the cache go by them', () => {
    const labels = { project: 'p', user: 'ann', apiKeyId: 'laptop', runId: 'r', tags: ['t'] };
    expect(convert({}, labels)).toMatchObject(labels);
  });

  it('let the host say who the user is, and else believe the client', () => {
    expect(convert({ user: 'client' }).user).toBe('client');
    expect(convert({ user: 'client' }, { user: 'host', project: 'p', tags: ['t'] })).toMatchObject({
      user: 'host',
      project: 'p',
      tags: ['t'],
      providerOptions: { openai: { user: 'client' } },
    });
  });
});

describe('tools', () => {
  it('keep name, description, schema and strictness', () => {
    const definition = {
      name: 'f',
      description: 'd',
      parameters: { type: 'object', properties: {} },
      strict: true,
    };
    expect(convert({ tools: [{ type: 'function', function: definition }] }).tools).toEqual([
      { type: 'function', name: 'f', description: 'd', inputSchema: definition.parameters, strict: true },
    ]);
  });

  it('without parameters take an empty object', () => {
    const request = convert({ tools: [{ type: 'function', function: { name: 'f' } }] });
    expect(request.tools?.[0]?.inputSchema).toEqual({ type: 'object', properties: {} });
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', function: { name: 'b' } },
      { type: 'tool', toolName: 'b' },
    ],
  ])('choice %j becomes ours', (choice, expected) => {
    expect(convert({ tools: [tool('a'), tool('b')], tool_choice: choice }).toolChoice).toEqual(expected);
  });

  it('allowed_tools leaves only those tools', () => {
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'b' } }] };
    const request = convert({
      tools: [tool('a'), tool('b')],
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    });
    expect(request.toolChoice).toEqual({ type: 'required' });
    expect(request.tools?.map(({ name }) => name)).toEqual(['b']);
  });

  it('that a choice names must exist', () => {
    const choice = { type: 'function', function: { name: 'c' } };
    expect(paramOf({ tools: [tool('a')], tool_choice: choice })).toBe('tool_choice.function.name');
    expect(paramOf({ tool_choice: 'required' })).toBe('tool_choice');
    const allowed = { mode: 'auto', tools: [{ type: 'function', function: { name: 'a' } }, choice] };
    expect(
      paramOf({ tools: [tool('a')], tool_choice: { type: 'allowed_tools', allowed_tools: allowed } }),
    ).toBe('tool_choice.allowed_tools.tools[1].function.name');
  });

  it('choice auto or none without tools, as some clients send it, means nothing', () => {
    expect(convert({ tools: [], tool_choice: 'auto' })).toMatchObject({
      tools: undefined,
      toolChoice: undefined,
    });
  });
});

describe('user content', () => {
  it('keeps text and what is attached to it', () => {
    expect(partsOf([{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }])).toEqual([
      { type: 'text', text: 'a', providerMetadata: { openai: { cache_control: { type: 'ephemeral' } } } },
    ]);
  });

  it('takes an image by URL and keeps its detail', () => {
    const image_url = { url: 'https://example.com/a.png?b=c', detail: 'high' };
    expect(partsOf([{ type: 'image_url', image_url }])).toEqual([
      {
        type: 'file',
        mediaType: 'image/*',
        data: { type: 'url', url: image_url.url },
        providerMetadata: { openai: { detail: 'high' } },
      },
    ]);
  });

  it('takes an image that is only a string', () => {
    expect(partsOf([{ type: 'image_url', image_url: 'http://example.com/a' }])).toMatchObject([
      { data: { type: 'url', url: 'http://example.com/a' } },
    ]);
  });

  it('takes an image out of a data URL, line breaks removed', () => {
    expect(
      partsOf([{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGVs\nbG8=' } }]),
    ).toMatchObject([{ mediaType: 'image/png', data: { type: 'data', data: 'aGVsbG8=' } }]);
  });

  it('takes a data URL that is not base64', () => {
    expect(
      partsOf([{ type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg%2F%3E' } }]),
    ).toMatchObject([{ mediaType: 'image/svg+xml', data: { data: new TextEncoder().encode('<svg/>') } }]);
  });

  it.each([
    ['ftp://example.com/a', 'messages[0].content[0].image_url.url'],
    ['file:///etc/passwd', 'messages[0].content[0].image_url.url'],
    ['data:image/png;base64', 'messages[0].content[0].image_url.url'],
    ['data:image/png;base64,', 'messages[0].content[0].image_url.url'],
    ['data:image/png;base64,!!', 'messages[0].content[0].image_url.url'],
    ['data:image/png,%zz', 'messages[0].content[0].image_url.url'],
  ])('refuses %s as an image', (url, param) => {
    expect(
      paramOf({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }),
    ).toBe(param);
  });

  it('takes audio with its format', () => {
    const audio = (format: string): unknown =>
      partsOf([{ type: 'input_audio', input_audio: { data: 'AAAA', format } }]);
    expect(audio('mp3')).toMatchObject([{ mediaType: 'audio/mpeg', data: { type: 'data', data: 'AAAA' } }]);
    expect(audio('wav')).toMatchObject([{ mediaType: 'audio/wav' }]);
  });

  it('takes a file by data URL, by bare base64 and by id', () => {
    expect(
      partsOf([
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
        { type: 'file', file: { filename: 'b.csv', file_data: 'AAAA' } },
        { type: 'file', file: { file_id: 'file-1' } },
      ]),
    ).toMatchObject([
      { mediaType: 'application/pdf', filename: 'a.pdf', data: { type: 'data', data: 'AAAA' } },
      { mediaType: 'text/csv', filename: 'b.csv' },
      { data: { type: 'reference', reference: { openai: 'file-1' } } },
    ]);
  });

  it('refuses a file that is neither, and bytes that are not base64', () => {
    const param = (part: object): unknown => paramOf({ messages: [{ role: 'user', content: [part] }] });
    expect(param({ type: 'file', file: {} })).toBe('messages[0].content[0].file');
    expect(param({ type: 'file', file: { file_data: '???' } })).toBe('messages[0].content[0].file.file_data');
    expect(param({ type: 'input_audio', input_audio: { data: '?', format: 'wav' } })).toBe(
      'messages[0].content[0].input_audio.data',
    );
  });
});

describe('the conversation', () => {
  it('takes system and developer instructions alike, parts joined', () => {
    const messages = [
      { role: 'system', content: 'a' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'b' },
          { type: 'text', text: 'c' },
        ],
      },
      { role: 'user', content: 'hi', name: 'Ann' },
    ];
    expect(convert({ messages }).messages).toEqual([
      { role: 'system', content: 'a' },
      { role: 'system', content: 'b\nc' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }], name: 'Ann' },
    ]);
  });

  it('keeps reasoning, text, refusal and tool calls of the assistant in order', () => {
    const assistant = {
      ...assistantCall('c1', '{"a": 1}'),
      content: 'text',
      refusal: 'no',
      reasoning_content: 'hm',
      annotations: [],
    };
    expect(convert({ messages: [user, assistant] }).messages?.[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'text' },
        { type: 'text', text: 'no', refusal: true },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { a: 1 }, inputText: '{"a": 1}' },
      ],
    });
  });

  it('takes the content of an assistant in parts', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'refusal', refusal: 'b' },
    ];
    expect(convert({ messages: [user, { role: 'assistant', content }] }).messages?.[1]?.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', refusal: true },
    ]);
  });

  it.each([
    ['', { input: {}, inputText: '' }],
    ['{"a":', { input: '{"a":', inputText: '{"a":', invalid: true }],
  ])('keeps tool arguments %j as they are', (text, expected) => {
    expect(convert({ messages: [user, assistantCall('c', text)] }).messages?.[1]?.content).toMatchObject([
      expected,
    ]);
  });

  it('keeps what a vendor attached to a tool call', () => {
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: 's' } },
    };
    const { messages } = convert({ messages: [user, { role: 'assistant', tool_calls: [call] }] });
    expect(messages?.[1]?.content).toMatchObject([
      { providerMetadata: { openai: { extra_content: call.extra_content } } },
    ]);
  });

  it('puts results of parallel calls into one message, with the names of their tools', () => {
    const calls = {
      ...assistantCall('c1', '{}'),
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'one', arguments: '{}' } },
        { id: 'c2', type: 'function', function: { name: 'two', arguments: '{}' } },
      ],
    };
    const messages = [
      user,
      calls,
      { role: 'tool', tool_call_id: 'c2', content: 'second' },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'first' }] },
      user,
    ];
    expect(convert({ messages }).messages?.slice(2)).toEqual([
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c2',
            toolName: 'two',
            output: { type: 'text', value: 'second' },
          },
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'one',
            output: { type: 'content', value: [{ type: 'text', text: 'first' }] },
          },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ]);
  });

  it('refuses a result that answers no call', () => {
    expect(paramOf({ messages: [user, { role: 'tool', tool_call_id: 'x', content: '' }] })).toBe(
      'messages[1].tool_call_id',
    );
  });

  it('refuses the deprecated function_call of an assistant', () => {
    const assistant = { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } };
    expect(paramOf({ messages: [user, assistant] })).toBe('messages[1].function_call');
  });
});
