import { createFold, type Message, type ModelRequest } from '@millrace/core/model';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { providersFromConfig } from '../config/providers-from-config.js';
import { providersFromEnvironment } from '../environment/providers-from-environment.js';
import { createToolCallIds } from '../transport/index.js';
import { openaiPreset, type PresetName } from './index.js';
import { PRESETS } from './presets.js';

let vendor: VendorServer | undefined;
afterEach(async () => {
  await vendor?.close();
  vendor = undefined;
});
const NAMES = Object.keys(PRESETS) as PresetName[];
const answer = {
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.0001 },
};

/** What a vendor is sent, and what its reply says. */
const ask = async (name: PresetName, asked: Partial<ModelRequest> = {}) => {
  vendor = await startVendor((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const provider = openaiPreset(name, { baseUrl: vendor.baseUrl });
  const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];
  const context = {
    credential: { apiKey: 'k' },
    signal: new AbortController().signal,
    delivery: 'whole',
  } as const;
  const fold = createFold();
  for await (const event of provider.stream({ model: 'm', messages, ...asked }, context)) fold.add(event);
  const body = vendor.received[0]?.body ?? {};
  await vendor.close();
  return { body, reply: fold.reply() };
};

test.each(NAMES)('%s has an address and says whether it needs a key', (name) => {
  const provider = openaiPreset(name);
  const { baseUrl, label, models = [] } = PRESETS[name];
  expect(provider).toMatchObject({ id: name, label, models });
  expect(URL.canParse(baseUrl)).toBe(true);
  const local = new URL(baseUrl).hostname === '127.0.0.1';
  expect(provider.credential.required).toBe(!local);
});

test('a second instance has an id and a key of its own', () => {
  const second = openaiPreset('groq', { id: 'groq-eu', apiKeyEnvironmentVariable: 'GROQ_EU_KEY' });
  expect(second).toMatchObject({ id: 'groq-eu', credential: { environmentVariable: 'GROQ_EU_KEY' } });
});

test('each is found by the variable of its key, and known by its name in a configuration', async () => {
  const environment = { GROQ_API_KEY: 'k', MISTRAL_API_KEY: 'k', XAI_API_KEY: ' ' };
  const found = await providersFromEnvironment({ environment, lookForOllama: false });
  expect(found.map(({ id }) => id)).toEqual(['groq', 'mistral']);
  const listed = JSON.stringify([{ id: 'groq', baseUrl: 'https://proxy.example/v1' }]);
  const own = await providersFromEnvironment({
    environment: { GROQ_API_KEY: 'k', MILLRACE_OPENAI_COMPATIBLE: listed },
    lookForOllama: false,
  });
  expect(own.map(({ id, label }) => [id, label])).toEqual([['groq', 'groq']]);
  const [configured] = providersFromConfig({ providers: [{ id: 'x', type: 'deepseek' }] });
  expect(configured?.provider).toMatchObject({ id: 'x', label: 'DeepSeek' });
});

describe('what they do differently', () => {
  const look = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;

  test('mistral: its own name for the seed, `any` for a demanded call, ids of nine letters and digits', async () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'toolu_01ABC-xyz', toolName: 'look', input: {} }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'toolu_01ABC-xyz',
            toolName: 'look',
            output: { type: 'text', value: 'v' },
          },
        ],
      },
    ];
    const { body } = await ask('mistral', {
      messages,
      tools: [look],
      toolChoice: { type: 'required' },
      seed: 7,
    });
    expect(body).toMatchObject({ random_seed: 7, tool_choice: 'any' });
    expect(body).not.toHaveProperty('seed');
    expect(body['messages']).toMatchObject([
      { tool_calls: [{ id: 'u01ABCxyz' }] },
      { tool_call_id: 'u01ABCxyz' },
    ]);
  });

  test('deepseek: JSON without a schema, and earlier reasoning goes back', async () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'text', text: 'A' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'Go on, as JSON' }] },
    ];
    const responseFormat = { type: 'json', schema: { type: 'object' } } as const;
    const { body, reply } = await ask('deepseek', { messages, responseFormat });
    expect(body).toMatchObject({
      response_format: { type: 'json_object' },
      messages: [{ reasoning_content: 'Hm', content: 'A' }, {}],
    });
    expect(reply.warnings).toHaveLength(1);
  });

  test('xai and cerebras name the output limit anew; top_k goes where it is taken', async () => {
    for (const name of ['xai', 'cerebras'] as const)
      expect((await ask(name, { maxOutputTokens: 5 })).body).toMatchObject({ max_completion_tokens: 5 });
    expect((await ask('vllm', { topK: 5 })).body).toMatchObject({ top_k: 5 });
    expect((await ask('groq', { topK: 5 })).body).not.toHaveProperty('top_k');
  });

  test('openrouter: the cost that it tells is kept with the usage', async () => {
    expect((await ask('openrouter')).reply.usage.raw).toMatchObject({ cost: 0.0001 });
  });
});

test('ids are made to fit, the same each time, and no two become one', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 80 }), { maxLength: 30 }), (ids) => {
      for (const [form, shape] of [
        ['usual', /^[A-Za-z0-9_-]{1,64}$/],
        ['nine-alphanumeric', /^[A-Za-z0-9]{9}$/],
      ] as const) {
        const fit = createToolCallIds(form);
        const made = ids.map(fit);
        for (const id of made) expect(id).toMatch(shape);
        expect(new Set(made).size).toBe(ids.length);
        expect(ids.map(fit)).toEqual(made);
      }
    }),
  );
});
