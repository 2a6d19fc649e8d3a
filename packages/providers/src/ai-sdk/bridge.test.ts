import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { createGateway, type GatewayOptions } from '@millrace/core/gateway';
import type { MillraceError } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { type FromAiSdkOptions, fromAiSdk, toAiSdk } from './index.js';

const USAGE = {
  inputTokens: { total: 10, noCache: 4, cacheRead: 5, cacheWrite: 1 },
  outputTokens: { total: 7, text: 3, reasoning: 4 },
  raw: { in: 10 },
};
const STOP = { unified: 'stop', raw: 'end' } as const;
const PROMPT: LanguageModelV4Prompt = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];

interface Scripted {
  readonly content?: LanguageModelV4Content[];
  readonly parts?: LanguageModelV4StreamPart[];
  readonly result?: Partial<LanguageModelV4GenerateResult>;
  readonly error?: unknown;
}

/** A model of the AI SDK whose answers a test writes down. */
const modelOf = ({ content = [], parts = [], result, error }: Scripted) => {
  const calls: LanguageModelV4CallOptions[] = [];
  let cancelled = 0;
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'acme.chat',
    modelId: 'one',
    supportedUrls: {},
    async doGenerate(options) {
      calls.push(options);
      if (error !== undefined) throw error;
      return { content, finishReason: STOP, usage: USAGE, warnings: [], ...result };
    },
    async doStream(options) {
      calls.push(options);
      if (error !== undefined) throw error;
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        start(controller) {
          for (const part of parts) controller.enqueue(part);
          if (parts.at(-1)?.type === 'finish') controller.close();
        },
        cancel() {
          cancelled += 1;
        },
      });
      return { stream };
    },
  };
  return { model, calls, cancelled: () => cancelled };
};
const gatewayOf = (model: LanguageModelV4, bridge: FromAiSdkOptions = {}, options: GatewayOptions = {}) =>
  createGateway({ providers: [fromAiSdk(model, bridge)], retry: { retries: 0 }, ...options });
const collect = async (stream: ReadableStream<LanguageModelV4StreamPart>) => {
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream as never as AsyncIterable<LanguageModelV4StreamPart>) parts.push(part);
  return parts;
};

const CONTENT: LanguageModelV4Content[] = [
  { type: 'reasoning', text: 'Hm', providerMetadata: { acme: { signature: 's' } } },
  { type: 'text', text: 'Yes.', providerMetadata: { acme: { id: 'm' } } },
  { type: 'text', text: '', providerMetadata: { acme: { hidden: true } } },
  { type: 'source', sourceType: 'url', id: 's1', url: 'https://example.org/', title: 'Example' },
  { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'aGk=' } },
  { type: 'reasoning-file', mediaType: 'image/png', data: { type: 'data', data: 'aGk=' } },
  { type: 'custom', kind: 'acme.thing', providerMetadata: { acme: { thing: 1 } } },
  { type: 'tool-call', toolCallId: 'own', toolName: 'search', input: '{"q":1}', providerExecuted: true },
  { type: 'tool-result', toolCallId: 'own', toolName: 'search', result: { found: 2 } },
  {
    type: 'tool-call',
    toolCallId: 'c',
    toolName: 'look',
    input: '{"a": 1}',
    providerMetadata: { acme: { n: 1 } },
  },
];

describe('a model of the AI SDK through a gateway and back', () => {
  test('gives the same content, whole', async () => {
    const { model } = modelOf({ content: CONTENT, result: { providerMetadata: { acme: { tier: 'x' } } } });
    const direct = await model.doGenerate({ prompt: PROMPT });
    const through = await toAiSdk(gatewayOf(model))('acme-chat:one').doGenerate({ prompt: PROMPT });
    expect(through.content).toEqual(direct.content);
    expect(through).toMatchObject({
      finishReason: STOP,
      usage: USAGE,
      providerMetadata: { acme: { tier: 'x' }, millrace: { route: { provider: 'acme-chat', model: 'one' } } },
    });
  });

  test('gives the same parts, streamed', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'stream-start', warnings: [{ type: 'unsupported', feature: 'topK' }] },
      { type: 'response-metadata', id: 'r', modelId: 'one-2026', timestamp: new Date(5_000) },
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'Hm' },
      { type: 'reasoning-end', id: '0', providerMetadata: { acme: { signature: 's' } } },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'Yes' },
      { type: 'text-delta', id: '1', delta: '.' },
      { type: 'text-end', id: '1', providerMetadata: { acme: { id: 'm' } } },
      { type: 'tool-input-start', id: 'c', toolName: 'look' },
      { type: 'tool-input-delta', id: 'c', delta: '{"a":1}' },
      { type: 'tool-input-end', id: 'c' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{"a":1}' },
      { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_use' }, usage: USAGE },
    ];
    const { model } = modelOf({ parts });
    const { stream } = await toAiSdk(gatewayOf(model))('one').doStream({ prompt: PROMPT });
    const through = await collect(stream);
    expect(through.slice(0, -1)).toEqual(parts.slice(0, -1));
    expect(through.at(-1)).toMatchObject({
      ...parts.at(-1),
      providerMetadata: { millrace: { callId: expect.any(String) } },
    });
  });

  test('is asked what it would be asked directly', async () => {
    const { model, calls } = modelOf({ content: CONTENT });
    const asked: LanguageModelV4CallOptions = {
      prompt: PROMPT,
      maxOutputTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      presencePenalty: 1,
      frequencyPenalty: -1,
      stopSequences: ['x'],
      seed: 7,
      reasoning: 'high',
      responseFormat: { type: 'json', schema: { type: 'object' }, name: 'thing' },
      tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object' }, strict: true }],
      toolChoice: { type: 'tool', toolName: 'look' },
      headers: { 'x-a': '1' },
      providerOptions: { acme: { deep: { er: 1 } } },
    };
    await toAiSdk(gatewayOf(model))('one').doGenerate({
      ...asked,
      providerOptions: { ...asked.providerOptions, millrace: { project: 'atlas' } },
    });
    const { abortSignal, ...got } = calls[0] ?? {};
    expect(abortSignal).toBeInstanceOf(AbortSignal);
    expect(got).toEqual(asked);
  });

  test('is priced and recorded for whom the caller says', async () => {
    const { model } = modelOf({ content: CONTENT });
    const gateway = gatewayOf(model, { models: [{ id: 'one', price: { input: 1, output: 2 } }] });
    const result = await toAiSdk(gateway)('one').doGenerate({
      prompt: PROMPT,
      providerOptions: { millrace: { project: 'atlas', user: 'ada' } },
    });
    const { callId, cost } = (result.providerMetadata?.['millrace'] ?? {}) as {
      callId: string;
      cost: { costUsd: number };
    };
    expect(cost.costUsd).toBeCloseTo(24e-6);
    expect(await gateway.ledger.get(callId)).toMatchObject({
      project: 'atlas',
      user: 'ada',
      costUsd: cost.costUsd,
    });
  });
});

describe('a failure', () => {
  const foreign = (name: string, fields: object) =>
    Object.assign(new Error('It failed.'), { [Symbol.for(`vercel.ai.error.${name}`)]: true, ...fields });
  test.each([
    [foreign('AI_APICallError', { statusCode: 401 }), 'AUTHENTICATION', undefined],
    [
      foreign('AI_APICallError', { statusCode: 429, responseHeaders: { 'retry-after': '3' } }),
      'RATE_LIMITED',
      3_000,
    ],
    [
      foreign('AI_APICallError', { statusCode: 400, data: { error: { code: 'context_length_exceeded' } } }),
      'CONTEXT_LENGTH',
      undefined,
    ],
    [
      foreign('AI_APICallError', { statusCode: 529, responseBody: '{"error":{"type":"overloaded_error"}}' }),
      'OVERLOADED',
      undefined,
    ],
    [foreign('AI_APICallError', {}), 'NETWORK', undefined],
    [foreign('AI_LoadAPIKeyError', {}), 'MISSING_KEY', undefined],
    [foreign('AI_UnsupportedFunctionalityError', {}), 'BAD_REQUEST', undefined],
    [foreign('AI_TypeValidationError', {}), 'INVALID_RESPONSE', undefined],
    [new TypeError('fetch failed'), 'NETWORK', undefined],
  ])('of a model has our code: %s', async (error, code, retryAfterMs) => {
    const { model } = modelOf({ error });
    const failing = gatewayOf(model).chat({ prompt: 'Hi' });
    await expect(failing).rejects.toMatchObject({
      code,
      provider: 'acme-chat',
      ...(retryAfterMs && { retryAfterMs }),
    });
  });

  test('inside a stream is one, after what came before it', async () => {
    const { model } = modelOf({
      parts: [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'Ye' },
        { type: 'error', error: { type: 'overloaded_error', message: 'Too busy.' } },
      ],
    });
    let text = '';
    const reading = (async () => {
      for await (const event of gatewayOf(model).stream({ prompt: 'Hi' }))
        if (event.type === 'text-delta') text += event.delta;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(text).toBe('Ye');
  });

  test('a stream that ends without a finish, or with an interruption, was broken off', async () => {
    const cut = modelOf({ parts: [{ type: 'text-start', id: '1' }] });
    const closing: LanguageModelV4 = {
      ...cut.model,
      doStream: async () => ({
        stream: new ReadableStream({
          start(controller) {
            controller.enqueue({ type: 'text-start', id: '1' });
            controller.close();
          },
        }),
      }),
    };
    const interrupted = modelOf({
      parts: [{ type: 'finish', finishReason: { unified: 'interrupted', raw: undefined }, usage: USAGE }],
    });
    for (const model of [closing, interrupted.model])
      await expect(gatewayOf(model).stream({ prompt: 'Hi' }).reply()).rejects.toMatchObject({
        code: 'INTERRUPTED',
      });
  });

  test('of the gateway is an API call error that is not retried again', async () => {
    const { model } = modelOf({ error: foreign('AI_APICallError', { statusCode: 503 }) });
    const ai = toAiSdk(gatewayOf(model))('one');
    for (const failing of [ai.doGenerate({ prompt: PROMPT }), ai.doStream({ prompt: PROMPT })]) {
      const error = await Promise.resolve(failing).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        name: 'AI_APICallError',
        statusCode: 503,
        isRetryable: false,
        data: { code: 'OVERLOADED' },
      });
      expect((error as { cause: MillraceError }).cause.code).toBe('OVERLOADED');
    }
  });

  test('after the first part is a part of the stream', async () => {
    const { model } = modelOf({
      parts: [
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'Ye' },
        { type: 'error', error: { message: 'Broken.' } },
      ],
    });
    const { stream } = await toAiSdk(gatewayOf(model))('one').doStream({ prompt: PROMPT });
    expect((await collect(stream)).at(-1)).toMatchObject({
      type: 'error',
      error: { name: 'AI_APICallError' },
    });
  });
});

describe('cancelling', () => {
  test('reaches the model, by the signal and by leaving', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'a' },
    ];
    const left = modelOf({ parts });
    for await (const event of gatewayOf(left.model).stream({ prompt: 'Hi' }))
      if (event.type === 'text-delta') break;
    expect(left.calls[0]?.abortSignal?.aborted).toBe(true);

    const aborted = modelOf({ parts });
    const caller = new AbortController();
    const { stream } = await toAiSdk(gatewayOf(aborted.model))('one').doStream({
      prompt: PROMPT,
      abortSignal: caller.signal,
    });
    const reader = stream.getReader();
    for (let count = 0; count < 3; count++) await reader.read();
    const waiting = reader.read();
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(aborted.calls[0]?.abortSignal?.aborted).toBe(true);
  });
});

describe('what is bridged', () => {
  test('may be one model, a function or a provider', async () => {
    const { model } = modelOf({ content: CONTENT });
    const named = (modelId: string): LanguageModelV4 => ({ ...model, modelId });
    for (const models of [named, { languageModel: named }]) {
      const gateway = createGateway({ providers: [fromAiSdk(models, { id: 'acme' })] });
      expect((await gateway.chat({ model: 'acme:two', prompt: 'Hi' })).text).toBe('Yes.');
    }
    const gateway = gatewayOf(model);
    await expect(gateway.chat({ model: 'acme-chat:two', prompt: 'Hi' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test.each([
    [{ specificationVersion: 'v3', doStream: () => undefined, provider: 'a', modelId: 'b' }, {}],
    [() => modelOf({}).model, {}],
    [modelOf({}).model, { id: 'Not An Id' }],
  ])('is refused when it is none', (model, options) => {
    expect(() => fromAiSdk(model as never, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
  });
});
