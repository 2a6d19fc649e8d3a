import type { Message, ModelRequest } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { openaiModelTraits } from '../openai/model-traits.js';
import { writeRequest } from './index.js';

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const write = (request: Partial<ModelRequest>, stream = false) =>
  writeRequest(
    { model: 'gpt-5.2', messages: [user('Hi')], ...request },
    { provider: 'openai', traits: openaiModelTraits },
    stream,
  );
const inputOf = (messages: readonly Message[], openai: object = {}) => {
  const { body, warnings } = write({ messages, providerOptions: { openai: openai as never } });
  return {
    input: body['input'] as object[],
    body,
    features: warnings.map((one) => ('feature' in one ? one.feature : '')),
  };
};
const own = (openai: object) => ({ providerMetadata: { openai: openai as never } });
const reasoning = (text: string, metadata: object): Message['content'][number] =>
  ({ type: 'reasoning', text, ...own(metadata) }) as never;
const assistant = (...content: readonly unknown[]): Message => ({
  role: 'assistant',
  content: content as never,
});
const result = (toolCallId: string, value: string): Message => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId, toolName: 'look', output: { type: 'text', value } }],
});
const THOUGHT = reasoning('Hm', { itemId: 'rs_1', encryptedContent: 'secret' });
const ANSWER = { type: 'text', text: 'Yes.', ...own({ itemId: 'msg_1', reasoningId: 'rs_1' }) };

describe('4.2.1 the two ways to go on with a conversation', () => {
  test('the vendor keeps nothing: reasoning goes back with its secret, which is asked for', () => {
    const { input, body } = inputOf([user('Hi'), assistant(THOUGHT, ANSWER), user('Go on')]);
    expect(body).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
    expect(input.slice(1, 3)).toEqual([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Hm' }],
        encrypted_content: 'secret',
      },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        id: 'msg_1',
        content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
      },
    ]);
  });

  test('reasoning without a secret is left out, and said so', () => {
    const { input, features } = inputOf([user('Hi'), assistant(reasoning('Hm', { itemId: 'rs_1' }), ANSWER)]);
    expect(input.some((item) => 'type' in item && item.type === 'reasoning')).toBe(false);
    expect(features).toEqual(['reasoning without its encrypted content']);
    // The message may not be named without the reasoning that it came with.
    expect(input[1]).not.toHaveProperty('id');
  });

  test('the vendor keeps it: items are named', () => {
    const { input, body } = inputOf([user('Hi'), assistant(THOUGHT, ANSWER), user('Go on')], { store: true });
    expect(body).toMatchObject({ store: true });
    expect(body['include']).toBeUndefined();
    expect(input.slice(1, 3)).toEqual([
      { type: 'item_reference', id: 'rs_1' },
      { type: 'item_reference', id: 'msg_1' },
    ]);
  });
});

test('4.2.2 a function call is never named by its item, only by its call id', () => {
  const call = {
    type: 'tool-call',
    toolCallId: 'call_1',
    toolName: 'look',
    input: { a: 1 },
    ...own({ itemId: 'fc_1' }),
  };
  for (const store of [true, false]) {
    const { input } = inputOf([user('Hi'), assistant(THOUGHT, call), result('call_1', 'seen')], { store });
    expect(input.slice(2)).toEqual([
      { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'seen' },
    ]);
  }
});

test('4.2.3 a kept message whose reasoning was taken out is sent, not named', () => {
  const { input } = inputOf([user('Hi'), assistant(ANSWER)], { store: true });
  expect(input[1]).toMatchObject({ type: 'message', content: [{ text: 'Yes.' }] });
  expect(input[1]).not.toHaveProperty('id');
});

test('4.2.4 what the chain has is not sent again, and what it lacks is', () => {
  const foreign = assistant({ type: 'text', text: 'From elsewhere.' });
  const history = [user('One'), assistant(THOUGHT, ANSWER), user('Two'), foreign, user('Three')];
  for (const options of [{ previousResponseId: 'resp_1' }, { conversation: 'conv_1' }]) {
    const { input } = inputOf(history, options);
    expect(input).toMatchObject([
      { role: 'user', content: [{ text: 'Two' }] },
      { role: 'assistant', content: [{ text: 'From elsewhere.' }] },
      { role: 'user', content: [{ text: 'Three' }] },
    ]);
  }
  const { body } = inputOf([user('Only this')], { previousResponseId: 'resp_1' });
  expect(body).toMatchObject({ previous_response_id: 'resp_1', input: [{ role: 'user' }] });
  expect(body).not.toHaveProperty('previousResponseId');
});

test('4.2.5 summary parts of one item go back as one item, with the last secret', () => {
  const { input } = inputOf([
    assistant(
      reasoning('One', { itemId: 'rs_1', encryptedContent: 'old' }),
      reasoning('Two', { itemId: 'rs_1', encryptedContent: 'new' }),
      ANSWER,
    ),
  ]);
  expect(input).toHaveLength(2);
  expect(input[0]).toMatchObject({
    summary: [{ text: 'One' }, { text: 'Two' }],
    encrypted_content: 'new',
  });
});

test('4.2.6 results are text, or parts where there is a file in them', () => {
  const content = (output: object): Message => ({
    role: 'tool',
    content: [{ type: 'tool-result', toolCallId: 'c', toolName: 't', output: output as never }],
  });
  const outputs = [
    content({ type: 'json', value: { a: 1 } }),
    content({ type: 'execution-denied', reason: 'No.' }),
    content({
      type: 'content',
      value: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }),
    content({
      type: 'content',
      value: [
        { type: 'text', text: 'a' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'aGk=' } },
      ],
    }),
  ];
  expect(inputOf(outputs).input).toMatchObject([
    { output: '{"a":1}' },
    { output: 'No.' },
    { output: 'a\nb' },
    { output: [{ type: 'input_text' }, { type: 'input_image', image_url: 'data:image/png;base64,aGk=' }] },
  ]);
});

test('4.2.7 what asks for the conversation to be condensed stands last, once', () => {
  const trigger = { type: 'text', text: '', ...own({ item: { type: 'compaction_trigger' } }) };
  const { input } = inputOf([assistant(trigger), user('One'), assistant(trigger), user('Two')]);
  expect(input).toMatchObject([{ role: 'user' }, { role: 'user' }, { type: 'compaction_trigger' }]);
});

test('4.2.8 phases go back, also of commentary that was set apart', () => {
  const { input } = inputOf([
    assistant(reasoning('I will look.', { itemId: 'msg_0', phase: 'commentary', commentary: true }), {
      type: 'text',
      text: '{}',
      ...own({ itemId: 'msg_1', phase: 'final_answer' }),
    }),
  ]);
  expect(input).toMatchObject([
    { type: 'message', id: 'msg_0', phase: 'commentary', content: [{ text: 'I will look.' }] },
    { type: 'message', id: 'msg_1', phase: 'final_answer' },
  ]);
});

test('4.2.9 calls of a wrapper go back as the wrapper, their results as one, in the order of the calls', () => {
  const wrapper = { callId: 'call_p', name: 'parallel', arguments: '{"tool_uses":[]}', count: 2 };
  const child = (place: number) => ({
    type: 'tool-call',
    toolCallId: `call_p-${place}`,
    toolName: 'look',
    input: {},
    ...own({ wrapper, place }),
  });
  const results: Message = {
    role: 'tool',
    content: ['call_p-1', 'call_p-0'].map((toolCallId) => ({
      type: 'tool-result',
      toolCallId,
      toolName: 'look',
      output: { type: 'text', value: toolCallId },
    })),
  };
  expect(inputOf([assistant(child(0), child(1)), results]).input).toEqual([
    { type: 'function_call', call_id: 'call_p', name: 'parallel', arguments: '{"tool_uses":[]}' },
    { type: 'function_call_output', call_id: 'call_p', output: '["call_p-0","call_p-1"]' },
  ]);
});

test('4.2.14 JSON is asked for under `text`, the limit is max_output_tokens', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } as const;
  const { body } = write({
    responseFormat: { type: 'json', schema, name: 'thing' },
    maxOutputTokens: 7,
    providerOptions: { openai: { text: { verbosity: 'low' } } },
  });
  expect(body).toMatchObject({
    max_output_tokens: 7,
    text: {
      verbosity: 'low',
      format: { type: 'json_schema', name: 'thing', strict: true, schema: { additionalProperties: false } },
    },
  });
  expect(write({ responseFormat: { type: 'json' } }).body).toMatchObject({
    text: { format: { type: 'json_object' } },
  });
});

describe('4.2.15 what the vendor’s own tools left', () => {
  test('goes back as it came, or by its name', () => {
    const item = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
    const part = { type: 'text', text: '', ...own({ item, itemId: 'ws_1' }) };
    expect(inputOf([assistant(part)]).input).toEqual([item]);
    expect(inputOf([assistant(part)], { store: true }).input).toEqual([
      { type: 'item_reference', id: 'ws_1' },
    ]);
  });

  test.each([
    [
      { type: 'local_shell_call', id: 'i', call_id: 'c' },
      { type: 'text', value: 'ok' },
      { type: 'local_shell_call_output', call_id: 'c', output: 'ok' },
    ],
    [
      { type: 'apply_patch_call', id: 'i', call_id: 'c' },
      { type: 'json', value: { status: 'completed' } },
      { type: 'apply_patch_call_output', call_id: 'c', status: 'completed' },
    ],
    [
      { type: 'mcp_approval_request', id: 'i' },
      { type: 'text', value: 'yes' },
      { type: 'mcp_approval_response', approval_request_id: 'i', approve: true },
    ],
    [
      { type: 'mcp_approval_request', id: 'i' },
      { type: 'execution-denied' },
      { type: 'mcp_approval_response', approval_request_id: 'i', approve: false },
    ],
  ])('gets an answer of its own type: %j', (item, output, expected) => {
    const call = { type: 'tool-call', toolCallId: 'c', toolName: item.type, input: {}, ...own({ item }) };
    const answer: Message = {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'c', toolName: item.type, output: output as never }],
    };
    expect(inputOf([assistant(call), answer]).input).toEqual([item, expected]);
  });

  test('free text of a custom tool stays free text', () => {
    const call = {
      type: 'tool-call',
      toolCallId: 'c',
      toolName: 'sql',
      input: 'SELECT 1',
      ...own({ custom: true }),
    };
    expect(inputOf([assistant(call), result('c', 'one')]).input).toEqual([
      { type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'SELECT 1' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'one' },
    ]);
  });
});

describe('a conversation from elsewhere', () => {
  test('loses the reasoning and the blocks of other vendors, and says so once', () => {
    const thought = { type: 'reasoning', text: 'Hm', providerMetadata: { anthropic: { signature: 's' } } };
    const block = { type: 'text', text: '', providerMetadata: { anthropic: { block: {} } } };
    const { input, features } = inputOf([assistant(thought, thought, block, { type: 'text', text: 'Yes.' })]);
    expect(input).toHaveLength(1);
    expect(features).toEqual(['reasoning of another provider', 'a block of another provider']);
  });

  test('gets ids that fit', () => {
    const id = 'x'.repeat(100);
    const call = { type: 'tool-call', toolCallId: id, toolName: 'look', input: {} };
    const [made, answered] = inputOf([assistant(call), result(id, 'v')]).input as { call_id: string }[];
    expect(made?.call_id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(answered?.call_id).toBe(made?.call_id);
  });
});

describe('settings', () => {
  test('that the endpoint or the model does not take are left out with a warning', () => {
    const { body, warnings } = write({
      temperature: 0.5,
      topP: 0.5,
      topK: 3,
      seed: 1,
      stopSequences: ['x'],
      presencePenalty: 1,
      frequencyPenalty: 1,
    });
    expect(warnings.map((one) => ('feature' in one ? one.feature : '')).toSorted()).toEqual(
      [
        'frequencyPenalty',
        'presencePenalty',
        'seed',
        'stopSequences',
        'temperature',
        'topK',
        'top_p',
      ].toSorted(),
    );
    expect(JSON.parse(JSON.stringify(body))).not.toHaveProperty('temperature');
    expect(write({ model: 'gpt-4o', temperature: 0.5 }).body).toMatchObject({ temperature: 0.5 });
  });

  test('of tools: strict is said, a demanded tool is named', () => {
    const look = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;
    expect(write({ tools: [look], toolChoice: { type: 'tool', toolName: 'look' } }).body).toMatchObject({
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }],
      tool_choice: { type: 'function', name: 'look' },
    });
    const own = { providerOptions: { openai: { tools: [{ type: 'web_search' }] } } };
    expect(write({ tools: [look], ...own }).body['tools']).toMatchObject([
      { name: 'look' },
      { type: 'web_search' },
    ]);
  });

  test('of reasoning: effort max is known here, a summary is asked for by name', () => {
    expect(write({ model: 'gpt-6-sol', reasoning: 'max' }).body).toMatchObject({
      reasoning: { effort: 'max' },
    });
    const asked = { reasoning: 'low', providerOptions: { openai: { reasoningSummary: 'auto' } } } as const;
    expect(write(asked).body).toMatchObject({ reasoning: { effort: 'low', summary: 'auto' } });
    const { body, warnings } = write({ model: 'gpt-4o', reasoning: 'high' });
    expect(body['reasoning']).toBeUndefined();
    expect(body['include']).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  test('that are not the caller’s to set are left out', () => {
    const { body, warnings } = write({ providerOptions: { openai: { model: 'x', background: true } } });
    expect(body).toMatchObject({ model: 'gpt-5.2' });
    expect(body).not.toHaveProperty('background');
    expect(warnings).toHaveLength(2);
  });
});

test('files: images, documents, ids, and what is not taken', () => {
  const file = (mediaType: string, data: object, filename?: string): Message => ({
    role: 'user',
    content: [{ type: 'file', mediaType, data: data as never, filename }],
  });
  const written = (message: Message) => (inputOf([message]).input[0] as { content: object[] }).content[0];
  expect(written(file('image/*', { type: 'data', data: 'iVBORw0K' }))).toEqual({
    type: 'input_image',
    image_url: 'data:image/png;base64,iVBORw0K',
    detail: 'auto',
  });
  expect(written(file('application/pdf', { type: 'data', data: 'aGk=' }, 'a.pdf'))).toEqual({
    type: 'input_file',
    filename: 'a.pdf',
    file_data: 'data:application/pdf;base64,aGk=',
  });
  expect(written(file('application/pdf', { type: 'url', url: 'https://x.org/a.pdf' }))).toEqual({
    type: 'input_file',
    file_url: 'https://x.org/a.pdf',
  });
  expect(written(file('image/png', { type: 'reference', reference: { openai: 'file-1' } }))).toMatchObject({
    file_id: 'file-1',
  });
  for (const message of [
    file('audio/wav', { type: 'data', data: 'aGk=' }),
    file('image/png', { type: 'reference', reference: { google: 'x' } }),
  ])
    expect(() => inputOf([message])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
