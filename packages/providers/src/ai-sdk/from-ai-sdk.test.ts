import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { type LanguageModelV4, NoSuchModelError } from '@ai-sdk/provider';
import { createGateway, type Gateway, type Message, MillraceError } from '@millrace/core';
import { createProviderRegistry, wrapLanguageModel } from 'ai';
import { MockLanguageModelV3, MockLanguageModelV4, MockProviderV4 } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { fromAiSdk } from './index.js';

const USAGE = {
  inputTokens: { total: 1_000, noCache: 600, cacheRead: 400, cacheWrite: undefined },
  outputTokens: { total: 100, text: 60, reasoning: 40 },
  raw: { prompt_tokens: 1_000 },
};
const STOP = { unified: 'stop', raw: 'end_turn' } as const;
const answer = (content: LanguageModelV4GenerateResult['content']): LanguageModelV4GenerateResult => ({
  content,
  finishReason: STOP,
  usage: USAGE,
  warnings: [],
});
const scripted = (answers: Partial<Pick<LanguageModelV4, 'doGenerate' | 'doStream'>>): MockLanguageModelV4 =>
  new MockLanguageModelV4({ provider: 'mock', modelId: 'm', ...answers });
const streaming = (...parts: LanguageModelV4StreamPart[]): MockLanguageModelV4 =>
  scripted({ doStream: async () => ({ stream: ReadableStream.from(parts) }) });
const gatewayOf = (model: LanguageModelV4): Gateway =>
  createGateway({ providers: [fromAiSdk(model)], retry: { retries: 0 } });
const ask = { model: 'mock:m', prompt: 'Hi' } as const;
const failureOf = async (run: () => Promise<unknown>): Promise<MillraceError> => {
  try {
    await run();
  } catch (error) {
    if (MillraceError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing failed');
};

describe('where models come from', () => {
  const named = (modelId: string): MockLanguageModelV4 =>
    new MockLanguageModelV4({
      provider: 'acme.chat',
      modelId,
      doGenerate: async () => answer([{ type: 'text', text: modelId }]),
    });

  test('one model is a provider with that model, named after its vendor', async () => {
    const provider = fromAiSdk(named('fast'));
    expect(provider).toMatchObject({ id: 'acme-chat', label: 'acme-chat', models: [{ id: 'fast' }] });
    const gateway = createGateway({ providers: [provider] });
    expect((await gateway.chat({ model: 'fast', prompt: 'Hi' })).text).toBe('fast');
    expect(await failureOf(() => gateway.chat({ model: 'acme-chat:slow', prompt: 'Hi' }))).toMatchObject({
      code: 'NOT_FOUND',
      message: 'acme-chat has one model, fast, and not slow.',
    });
  });

  test('of a long list of models only the entry of the one model counts, under each of its names', async () => {
    const price = { input: 3, output: 15 };
    const models = [
      { id: 'other', price },
      { id: 'fast-1', aliases: ['fast'], price },
    ];
    const provider = fromAiSdk(named('fast'), { models });
    expect(provider.models).toEqual([models[1]]);
    const gateway = createGateway({ providers: [provider] });
    const reply = await gateway.chat({ model: 'acme-chat:fast-1', prompt: 'Hi' });
    expect(reply.cost).toMatchObject({ tokensIn: 1_000, tokensOut: 100, estimated: false });
    expect(reply.cost.costUsd).toBeGreaterThan(0);
  });

  test.each([
    ['a function', named],
    [
      'a provider',
      Object.assign(named, new MockProviderV4({ languageModels: { 'vendor/fast': named('vendor/fast') } })),
    ],
    [
      'a registry',
      createProviderRegistry({
        acme: { ...new MockProviderV4(), languageModel: (id: string) => named(`acme:${id}`) } as never,
      }),
    ],
  ])('%s serves many models', async (_what, source) => {
    const gateway = createGateway({ providers: [fromAiSdk(source as never, { id: 'many' })] });
    for (const id of ['acme:fast', 'acme:slow'])
      expect((await gateway.chat({ model: `many:${id}`, prompt: 'Hi' })).text).toBe(id);
  });

  test('a model that the source does not know is one that is not found', async () => {
    const source = (modelId: string): LanguageModelV4 => {
      throw new NoSuchModelError({ modelId, modelType: 'languageModel' });
    };
    const gateway = createGateway({ providers: [fromAiSdk(source, { id: 'ai-sdk' })] });
    expect(await failureOf(() => gateway.chat({ model: 'ai-sdk:x', prompt: 'Hi' }))).toMatchObject({
      code: 'NOT_FOUND',
      message: 'ai-sdk:x was not called: No such languageModel: x',
    });
  });

  test('a model of an older specification is refused, and works once the AI SDK has upgraded it', async () => {
    const old = new MockLanguageModelV3({
      modelId: 'old',
      doGenerate: async () =>
        ({
          ...answer([{ type: 'text', text: 'still here' }]),
          content: [{ type: 'text', text: 'still here' }],
        }) as never,
    });
    expect(() => fromAiSdk(old as never)).toThrow(
      /old follows specification v3; v4 is needed.*wrapLanguageModel/,
    );
    const gateway = createGateway({
      providers: [fromAiSdk(wrapLanguageModel({ model: old, middleware: [] }), { id: 'old' })],
    });
    expect((await gateway.chat({ model: 'old:old', prompt: 'Hi' })).text).toBe('still here');
  });

  test.each([
    ['openai/gpt-5', /pass the model itself, such as gateway\('openai\/gpt-5'\)/],
    [undefined, /takes a language model/],
    [{}, /takes a language model/],
    [{ specificationVersion: 'v9' }, /no language model of the AI SDK of specification v4/],
    [() => undefined, /`id` is needed/],
  ])('%j is refused', (source, message) => {
    expect(() => fromAiSdk(source as never)).toThrow(message);
  });
});

describe('an answer', () => {
  test('is accounted for with the usage that the model tells', async () => {
    const gateway = gatewayOf(
      scripted({ doGenerate: async () => answer([{ type: 'text', text: 'Hello' }]) }),
    );
    const reply = await gateway.chat(ask);
    expect(reply).toMatchObject({ text: 'Hello', finishReason: 'stop', rawFinishReason: 'end_turn' });
    expect(reply.usage).toEqual({ ...USAGE, estimated: false });
    const { rows: calls } = await gateway.ledger.list();
    expect(calls).toMatchObject([
      { provider: 'mock', tokensCacheRead: 400, tokensReasoning: 40, costUsd: null },
    ]);
  });

  test('of unknown usage is estimated', async () => {
    const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
    const usage = {
      inputTokens: none,
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    };
    const gateway = gatewayOf(
      scripted({ doGenerate: async () => ({ ...answer([{ type: 'text', text: 'Hello' }]), usage }) }),
    );
    expect((await gateway.chat(ask)).usage).toMatchObject({ estimated: true });
  });

  test('hides calls that the vendor ran itself from whoever runs the tools, and sends them back', async () => {
    const model = scripted({
      doGenerate: async () =>
        answer([
          { type: 'reasoning', text: 'Search.', providerMetadata: { mock: { signature: 's' } } },
          {
            type: 'tool-call',
            toolCallId: 'v1',
            toolName: 'search',
            input: '{"q":"x"}',
            providerExecuted: true,
            providerMetadata: { mock: { item: 1 } },
          },
          { type: 'tool-result', toolCallId: 'v1', toolName: 'search', result: 'looking', preliminary: true },
          { type: 'tool-result', toolCallId: 'v1', toolName: 'search', result: { hits: 2 } },
          { type: 'tool-result', toolCallId: 'v2', toolName: 'search', result: 'broken', isError: true },
          { type: 'source', sourceType: 'url', id: 's1', url: 'https://example.com/' },
          { type: 'custom', kind: 'mock.thing', providerMetadata: { mock: { id: 7 } } },
          {
            type: 'reasoning-file',
            mediaType: 'image/png',
            data: { type: 'data', data: new Uint8Array([1]) },
          },
          { type: 'text', text: 'Two hits.' },
        ]),
    });
    const gateway = gatewayOf(model);
    const reply = await gateway.chat(ask);
    expect(reply).toMatchObject({ text: 'Two hits.', toolCalls: [] });

    // As a host would that keeps conversations in a database.
    const message = JSON.parse(JSON.stringify(reply.message)) as Message;
    await gateway.chat({ model: 'mock:m', messages: [{ role: 'user', content: 'Hi' }, message] });
    expect(model.doGenerateCalls[1]?.prompt[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Search.', providerOptions: { mock: { signature: 's' } } },
        {
          type: 'tool-call',
          toolCallId: 'v1',
          toolName: 'search',
          input: { q: 'x' },
          providerExecuted: true,
          providerOptions: { mock: { item: 1 } },
        },
        {
          type: 'tool-result',
          toolCallId: 'v1',
          toolName: 'search',
          output: { type: 'json', value: { hits: 2 } },
        },
        {
          type: 'tool-result',
          toolCallId: 'v2',
          toolName: 'search',
          output: { type: 'error-json', value: 'broken' },
        },
        { type: 'custom', kind: 'mock.thing', providerOptions: { mock: { id: 7 } } },
        { type: 'reasoning-file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1]) } },
        { type: 'text', text: 'Two hits.' },
      ],
    });
  });

  test('whose tool input streams as plain text streams no input that is not JSON', async () => {
    const gateway = gatewayOf(
      streaming(
        { type: 'tool-input-start', id: 'c', toolName: 'patch', inputEncoding: 'text' },
        { type: 'tool-input-delta', id: 'c', delta: '*** begin' },
        { type: 'tool-input-end', id: 'c' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'patch', input: '"*** begin"' },
        { type: 'finish', finishReason: { unified: 'tool-calls', raw: undefined }, usage: USAGE },
      ),
    );
    const stream = gateway.stream(ask);
    let input = '';
    for await (const event of stream) if (event.type === 'tool-input-delta') input += event.delta;
    expect(input).toBe('');
    expect((await stream.reply()).toolCalls).toMatchObject([{ toolName: 'patch', input: '*** begin' }]);
  });

  test('begins with the warnings, also when the model sends none', async () => {
    const gateway = gatewayOf(
      streaming(
        { type: 'ping' },
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'Hello' },
        { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: STOP, usage: USAGE },
      ),
    );
    const reply = await gateway
      .stream({
        model: 'mock:m',
        messages: [{ role: 'user', content: 'Hi', name: 'ann' }],
        parallelToolCalls: false,
      })
      .reply();
    expect(reply.text).toBe('Hello');
    expect(reply.warnings).toMatchObject([
      { type: 'unsupported', feature: 'parallelToolCalls' },
      { type: 'unsupported', feature: 'name of a message' },
    ]);
  });

  test.each([
    ['ends without its finish', []],
    [
      'calls itself interrupted',
      [{ type: 'finish', finishReason: { unified: 'interrupted', raw: undefined }, usage: USAGE }],
    ],
  ] as const)('that %s is interrupted, and no short answer', async (_what, rest) => {
    const gateway = gatewayOf(
      streaming({ type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: 'Hel' }, ...rest),
    );
    expect(await failureOf(() => gateway.stream(ask).reply())).toMatchObject({
      code: 'INTERRUPTED',
      retryable: true,
    });
    expect((await gateway.ledger.list()).rows).toMatchObject([{ status: 'interrupted' }]);
  });
});

describe('cancellation', () => {
  /** Streams for ever, or says no more after the first part, and takes no notice of the signal. */
  const endless = (
    part: LanguageModelV4StreamPart = { type: 'text-delta', id: '1', delta: 'x' },
    silent = false,
  ): { model: MockLanguageModelV4; cancelled: Promise<void> } => {
    let resolve = (): void => undefined;
    const cancelled = new Promise<void>((done) => {
      resolve = done;
    });
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start: (controller) => controller.enqueue(part),
      async pull(controller) {
        await new Promise((done) => setTimeout(done, 1));
        if (!silent) controller.enqueue(part);
      },
      cancel: () => resolve(),
    });
    return { model: scripted({ doStream: async () => ({ stream }) }), cancelled };
  };

  test('an error part lets go of the stream', async () => {
    const { model, cancelled } = endless({ type: 'error', error: 'it broke' });
    expect(await failureOf(() => gatewayOf(model).stream(ask).reply())).toMatchObject({
      code: 'SERVER_ERROR',
    });
    await cancelled;
  });

  test('leaving the loop lets go of the stream', async () => {
    const { model, cancelled } = endless();
    for await (const event of gatewayOf(model).stream(ask)) if (event.type === 'text-delta') break;
    await cancelled;
    expect(model.doStreamCalls[0]?.abortSignal?.aborted).toBe(true);
  });

  test.each([false, true])('the signal of the caller lets go of it too (silent: %s)', async (silent) => {
    const { model, cancelled } = endless(undefined, silent);
    const controller = new AbortController();
    const stream = gatewayOf(model).stream({ ...ask, signal: controller.signal });
    const failure = failureOf(() => stream.reply());
    // While the next part is being waited for.
    setTimeout(() => controller.abort(), 10);
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    await cancelled;
  });
});
