import { MillraceError } from '@millrace/core/model';
import { describe, expect, it } from 'vitest';
import { parseChatCompletionRequest } from './parse-chat-completion-request.js';

const failure = (body: unknown): { param: unknown; message: string } => {
  try {
    parseChatCompletionRequest(body);
  } catch (error) {
    if (MillraceError.isInstance(error) && error.code === 'BAD_REQUEST') {
      return { param: error.details['param'], message: error.message };
    }
    throw error;
  }
  throw new Error('The body was accepted.');
};

const user = { role: 'user', content: 'hi' };
const withPart = (part: unknown): unknown => ({ messages: [user, { role: 'user', content: [part] }] });

describe('parseChatCompletionRequest', () => {
  it.each<[string, unknown, string | null, RegExp]>([
    ['a body that is no object', [], null, /The request body must be object/],
    ['no messages', { model: 'm' }, 'messages', /is missing: expected array/],
    ['an empty list of messages', { messages: [] }, 'messages', /is not valid\. Too small/],
    [
      'an unknown role',
      { messages: [{ role: 'robot', content: '' }] },
      'messages[0].role',
      /must be one of "/,
    ],
    [
      'a deprecated function message',
      { messages: [{ role: 'function', name: 'f', content: '' }] },
      'messages[0].role',
      /must be one of "/,
    ],
    [
      'content of the wrong type',
      { messages: [{ role: 'user', content: 5 }] },
      'messages[0].content',
      /must be string or array/,
    ],
    ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content', /must be string or array/],
    ['an unknown part', withPart({ type: 'video_url' }), 'messages[1].content[0].type', /must be one of "/],
    [
      'a part without its text',
      withPart({ type: 'text' }),
      'messages[1].content[0].text',
      /is missing: expected string/,
    ],
    [
      'an image without a URL',
      withPart({ type: 'image_url', image_url: {} }),
      'messages[1].content[0].image_url.url',
      /is missing/,
    ],
    [
      'an image whose URL is a number',
      withPart({ type: 'image_url', image_url: { url: 1 } }),
      'messages[1].content[0].image_url.url',
      /must be string, not number/,
    ],
    [
      'a tool call without an id',
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '' } }] }] },
      'messages[0].tool_calls[0].id',
      /is missing/,
    ],
    [
      'a custom tool call',
      {
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: '1', type: 'custom', function: { name: 'f', arguments: '' } }],
          },
        ],
      },
      'messages[0].tool_calls[0].type',
      /must be one of "function"/,
    ],
    [
      'a tool message without its call',
      { messages: [{ role: 'tool', content: '' }] },
      'messages[0].tool_call_id',
      /is missing/,
    ],
    [
      'a hosted tool',
      { messages: [user], tools: [{ type: 'web_search' }] },
      'tools[0].type',
      /must be one of "function"/,
    ],
    [
      'a tool name with a blank',
      { messages: [user], tools: [{ type: 'function', function: { name: 'a b' } }] },
      'tools[0].function.name',
      /letters/,
    ],
    [
      'a schema that is a list',
      { messages: [user], tools: [{ type: 'function', function: { name: 'a', parameters: [] } }] },
      'tools[0].function.parameters',
      /JSON Schema/,
    ],
    [
      'an unknown tool choice',
      { messages: [user], tool_choice: 'any' },
      'tool_choice',
      /must be one of "auto", "none", "required"/,
    ],
    [
      'a tool choice without a name',
      { messages: [user], tool_choice: { type: 'function' } },
      'tool_choice.function',
      /is missing/,
    ],
    [
      'an unknown response format',
      { messages: [user], response_format: { type: 'xml' } },
      'response_format.type',
      /must be one of "/,
    ],
    [
      'a temperature in words',
      { messages: [user], temperature: 'hot' },
      'temperature',
      /must be number, not string/,
    ],
    ['half a token', { messages: [user], max_tokens: 1.5 }, 'max_tokens', /must be int/],
    [
      'an unknown effort',
      { messages: [user], reasoning_effort: 'huge' },
      'reasoning_effort',
      /must be one of "none"/,
    ],
    ['stop that is a number', { messages: [user], stop: 3 }, 'stop', /must be string or array/],
    ['more than one answer', { messages: [user], n: 2 }, 'n', /must be 1/],
    ['functions', { messages: [user], functions: [] }, 'functions', /Use 'tools'/],
    ['function_call', { messages: [user], function_call: 'auto' }, 'function_call', /Use 'tool_choice'/],
  ])('refuses %s and names the field', (_title, body, param, message) => {
    const found = failure(body);
    expect(found.param).toBe(param);
    expect(found.message).toMatch(message);
  });

  it('takes null for every optional field as not set', () => {
    const body = {
      model: null,
      messages: [user],
      stream: null,
      stream_options: null,
      tools: null,
      tool_choice: null,
      response_format: null,
      max_tokens: null,
      max_completion_tokens: null,
      stop: null,
      seed: null,
      temperature: null,
      top_p: null,
      reasoning_effort: null,
      user: null,
      n: null,
      functions: null,
      function_call: null,
    };
    expect(() => parseChatCompletionRequest(body)).not.toThrow();
  });

  it('keeps fields that it does not know, at every depth', () => {
    const body = {
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }],
          extra: 1,
        },
      ],
      logit_bias: { 50256: -100 },
    };
    expect(parseChatCompletionRequest(body)).toEqual(body);
  });

  it('does not quote what the client wrote', () => {
    const found = failure({ messages: [{ role: 'SECRET-ROLE', content: '' }] });
    expect(found.message).not.toContain('SECRET');
  });
});
