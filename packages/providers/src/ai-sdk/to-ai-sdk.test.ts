import {
  APICallError,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
  NoSuchModelError,
} from '@ai-sdk/provider';
import {
  createGateway,
  type Gateway,
  MillraceError,
  type ModelEvent,
  type ModelRequest,
  type Provider,
  ProviderError,
} from '@millrace/core';
import { createProviderRegistry, embed, generateText, RetryError, streamText } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { fromAiSdk, toAiSdk } from './index.js';

const USAGE = {
  inputTokens: { total: 10, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: undefined, reasoning: undefined },
};
/** A provider of a third party, whose answers are given. */
const given = (
  stream: (request: ModelRequest) => AsyncIterable<ModelEvent>,
): { gateway: Gateway; requests: ModelRequest[] } => {
  const requests: ModelRequest[] = [];
  const provider: Provider = {
    specification: 'millrace-provider-v1',
    id: 'given',
    label: 'Given',
    credential: { required: false },
    models: [{ id: 'm', price: { input: 1, output: 2 } }],
    stream(request) {
      requests.push(request);
      return stream(request);
    },
  };
  return { gateway: createGateway({ providers: [provider], retry: { minDelayMs: 1 } }), requests };
};
const start = { type: 'stream-start', warnings: [] } as const;
const finish = { type: 'finish', finishReason: 'stop', usage: { ...USAGE, estimated: false } } as const;
async function* hello(): AsyncGenerator<ModelEvent> {
  yield start;
  yield { type: 'text-start', id: 't' };
  yield { type: 'text-delta', id: 't', delta: 'Hello' };
  yield { type: 'text-end', id: 't' };
  yield finish;
}
const PROMPT: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};

const partsOf = async (
  stream: ReadableStream<LanguageModelV4StreamPart>,
): Promise<LanguageModelV4StreamPart[]> => {
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
};
const errorOf = async (run: () => PromiseLike<unknown>): Promise<unknown> => {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
};

describe('the provider', () => {
  test('is a function and has languageModel; without an id the model is auto', () => {
    const millrace = toAiSdk(given(hello).gateway);
    expect(millrace()).toMatchObject({ specificationVersion: 'v4', provider: 'millrace', modelId: 'auto' });
    expect(millrace('given:m').modelId).toBe('given:m');
    expect(millrace.languageModel('given:m').modelId).toBe('given:m');
  });

  test('has its place in a provider registry of the AI SDK', async () => {
    const registry = createProviderRegistry({ millrace: toAiSdk(given(hello).gateway) });
    const { text } = await generateText({ model: registry.languageModel('millrace:given:m'), prompt: 'Hi' });
    expect(text).toBe('Hello');
  });

  test('says that it has no image models', () => {
    expect(() => toAiSdk(given(hello).gateway).imageModel('x')).toThrow(
      expect.toSatisfy((error) => NoSuchModelError.isInstance(error)),
    );
  });

  test('lets the AI SDK download files, unless the model that the id names fetches them itself', async () => {
    const urls = { 'image/*': [/^https:/] };
    const model = new MockLanguageModelV4({ provider: 'mock', modelId: 'm', supportedUrls: urls });
    const millrace = toAiSdk(
      createGateway({
        providers: [
          fromAiSdk(model),
          fromAiSdk(
            (id) => {
              throw new Error(id);
            },
            { id: 'ai-sdk' },
          ),
        ],
      }),
    );
    expect(await millrace('mock:m').supportedUrls).toEqual(urls);
    expect(await millrace('m').supportedUrls).toEqual(urls);
    expect(await millrace().supportedUrls).toEqual({});
    expect(await millrace('ai-sdk:unknown').supportedUrls).toEqual({});
    expect(await toAiSdk(given(hello).gateway, { supportedUrls: urls })('given:m').supportedUrls).toEqual(
      urls,
    );
  });
});

describe('a call', () => {
  test('carries labels and route, of the provider or of the call', async () => {
    const { gateway } = given(hello);
    const model = toAiSdk(gateway, { project: 'shop', user: 'ann', tags: ['a'] })('nobody:x');
    const { providerMetadata } = await generateText({
      model,
      prompt: 'Hi',
      providerOptions: { millrace: { user: 'bob', model: 'given:m' } },
    });
    expect((await gateway.ledger.list()).rows).toMatchObject([
      { project: 'shop', user: 'bob', tags: ['a'], requestedModel: 'given:m', provider: 'given', model: 'm' },
    ]);
    expect(providerMetadata?.['millrace']).toEqual({
      callId: expect.stringMatching(/./),
      route: { provider: 'given', model: 'm', reason: 'given:m: named by the caller' },
      cost: { tokensIn: 10, tokensOut: 5, costUsd: 0.00002, estimated: false },
      estimated: false,
    });
  });

  test.each([
    [{ route: 'x' }, /has no "route"; it knows model, project/],
    [{ user: 7 }, /`providerOptions.millrace.user` must be text/],
    [{ tags: 'a' }, /tags` must be a list of texts/],
  ])('with the options %j is refused and not sent', async (millrace, message) => {
    const { gateway, requests } = given(hello);
    const error = await errorOf(() =>
      toAiSdk(gateway)('given:m').doGenerate({ ...PROMPT, providerOptions: { millrace } as never }),
    );
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      statusCode: 400,
      isRetryable: false,
    });
    expect(requests).toEqual([]);
  });

  test('hands on options of vendors and no undefined header', async () => {
    const { gateway, requests } = given(hello);
    await toAiSdk(gateway)('given:m').doGenerate({
      ...PROMPT,
      providerOptions: { given: { deep: true }, millrace: { parallelToolCalls: false } },
      headers: { 'x-a': '1', 'x-b': undefined },
      reasoning: 'provider-default',
    });
    expect(requests[0]).toMatchObject({ parallelToolCalls: false, reasoning: undefined });
    expect(requests[0]?.providerOptions).toEqual({ given: { deep: true } });
    expect(requests[0]?.headers).toEqual({ 'x-a': '1' });
  });

  test('warns of what only a model of the AI SDK takes', async () => {
    const { gateway, requests } = given(hello);
    const { warnings } = await toAiSdk(gateway)('given:m').doGenerate({
      prompt: [
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', toolCallId: 'v', toolName: 'search', input: {}, providerExecuted: true },
            { type: 'custom', kind: 'mock.thing' },
          ],
        },
        { role: 'tool', content: [{ type: 'tool-approval-response', approvalId: 'a', approved: true }] },
        ...PROMPT.prompt,
      ],
      tools: [{ type: 'provider', id: 'mock.search', name: 'search', args: {} }],
      toolChoice: { type: 'required' },
      includeRawChunks: true,
    });
    expect(warnings.map((warning) => 'feature' in warning && warning.feature)).toEqual([
      'includeRawChunks',
      'provider tool mock.search',
      'choice of a provider tool',
      'tool call that a vendor ran itself',
      'custom part mock.thing',
      'answer to a request for approval',
    ]);
    expect(requests[0]?.toolChoice).toBeUndefined();
  });

  test('sends a refusal back as one', async () => {
    const { gateway, requests } = given(async function* () {
      yield start;
      yield { type: 'text-start', id: 't', refusal: true };
      yield { type: 'text-delta', id: 't', delta: 'I will not.' };
      yield { type: 'text-end', id: 't' };
      yield finish;
    });
    const model = toAiSdk(gateway)('given:m');
    for (const ask of [generateText, (options: never) => streamText(options)] as const) {
      const { responseMessages } = await ask({ model, prompt: 'Hi' } as never);
      await generateText({ model, messages: [{ role: 'user', content: 'Hi' }, ...(await responseMessages)] });
      expect(requests.at(-1)?.messages[1]).toMatchObject({
        role: 'assistant',
        content: [{ type: 'text', text: 'I will not.', refusal: true }],
      });
    }
  });
});

describe('a failure', () => {
  const busy = (): AsyncIterable<ModelEvent> => {
    throw new ProviderError('RATE_LIMITED', 'given:m answered 429: Slow down.', {
      provider: 'given',
      status: 429,
      retryAfterMs: 1,
    });
  };

  test.each(['generateText', 'streamText'] as const)(
    'of %s that may pass is retried by the AI SDK',
    async (name) => {
      let calls = 0;
      const { gateway } = given(() => (++calls < 3 ? busy() : hello()));
      const model = toAiSdk(gateway, { retries: 'caller' })('given:m');
      const options = { model, prompt: 'Hi', maxRetries: 2 };
      const text =
        name === 'generateText' ? (await generateText(options)).text : await streamText(options).text;
      expect(text).toBe('Hello');
      expect(calls).toBe(3);
    },
  );

  test('in the first event of a stream that began well is retried too', async () => {
    let calls = 0;
    const { gateway } = given(async function* () {
      yield start;
      if (++calls === 1)
        throw new ProviderError('OVERLOADED', 'Busy.', { provider: 'given', retryAfterMs: 1 });
      yield* hello();
    });
    const answer = streamText({
      model: toAiSdk(gateway, { retries: 'caller' })('given:m'),
      prompt: 'Hi',
      maxRetries: 1,
    });
    expect(await answer.text).toBe('Hello');
    expect(calls).toBe(2);
  });

  test.each([
    ['caller', 1, 2],
    ['caller', 0, 1],
    ['gateway', 5, 3],
  ] as const)(
    'that stays is sent again by the %s only (maxRetries: %i)',
    async (retries, maxRetries, sent) => {
      const { gateway, requests } = given(busy);
      const model = toAiSdk(gateway, { retries })('given:m');
      const error = await errorOf(() => generateText({ model, prompt: 'Hi', maxRetries }));
      const last = RetryError.isInstance(error) ? error.lastError : error;
      expect(APICallError.isInstance(last)).toBe(true);
      expect(last).toMatchObject({
        statusCode: 429,
        isRetryable: retries === 'caller',
        responseHeaders: { 'retry-after-ms': '1' },
      });
      expect(requests).toHaveLength(sent);
    },
  );

  test('of an embedding is one too', async () => {
    const model = toAiSdk(given(hello).gateway).embeddingModel('given:m');
    const error = await errorOf(() => embed({ model, value: 'Hi', maxRetries: 0 }));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ isRetryable: false, cause: expect.toSatisfy(MillraceError.isInstance) });
  });

  test('has our error as its cause, and no prompt', async () => {
    const { gateway } = given(hello);
    const error = await errorOf(() => toAiSdk(gateway)('no:such').doGenerate(PROMPT));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'AI_APICallError',
      statusCode: 404,
      data: { code: 'UNKNOWN_MODEL' },
      requestBodyValues: {},
    });
    expect(MillraceError.isInstance((error as Error).cause)).toBe(true);
  });

  test.each([
    ['OVERLOADED', []],
    ['INTERRUPTED', [{ type: 'finish', finishReason: { unified: 'interrupted' } }]],
  ] as const)('in the middle of an answer (%s) is an error part', async (code, rest) => {
    const { gateway } = given(async function* () {
      yield start;
      yield { type: 'text-start', id: 't' };
      yield { type: 'text-delta', id: 't', delta: 'Hel' };
      throw new ProviderError(code, 'It broke.', { provider: 'given' });
    });
    const model = toAiSdk(gateway)('given:m');
    const parts = await partsOf((await model.doStream(PROMPT)).stream);
    expect(parts.slice(3)).toMatchObject([
      { type: 'error', error: { isRetryable: false, data: { code } } },
      ...rest,
    ]);

    const errors: unknown[] = [];
    const answer = streamText({ model, prompt: 'Hi', onError: ({ error }) => void errors.push(error) });
    expect(await answer.text).toBe('Hel');
    expect(errors.length).toBeGreaterThan(0);
    expect(await answer.finishReason).toBe(code === 'INTERRUPTED' ? 'interrupted' : 'error');
  });
});

describe('an abort', () => {
  /** Says one word, then nothing until it is cancelled. */
  const silent = (): { gateway: Gateway } => {
    const provider: Provider = {
      specification: 'millrace-provider-v1',
      id: 'silent',
      label: 'Silent',
      credential: { required: false },
      models: [],
      async *stream(_request, { signal }) {
        yield start;
        yield { type: 'text-start', id: 't' };
        yield { type: 'text-delta', id: 't', delta: 'Hel' };
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      },
    };
    return { gateway: createGateway({ providers: [provider] }) };
  };

  test('rejects with the reason of the signal, whole and in the middle of a stream', async () => {
    const model = toAiSdk(silent().gateway)('silent:m');
    for (const way of ['doGenerate', 'doStream'] as const) {
      const controller = new AbortController();
      const reason = new DOMException('enough', 'AbortError');
      const run = async (): Promise<unknown> => {
        const answer = await model[way]({ ...PROMPT, abortSignal: controller.signal });
        return 'stream' in answer && partsOf(answer.stream);
      };
      setTimeout(() => controller.abort(reason), 5);
      expect(await errorOf(run)).toBe(reason);
    }
  });

  test('by leaving the stream cancels the call', async () => {
    const { gateway } = silent();
    const ended = new Promise((resolve) => gateway.on('call-end', ({ record }) => resolve(record.status)));
    const { stream } = await toAiSdk(gateway)('silent:m').doStream(PROMPT);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(await ended).toBe('cancelled');
  });

  test('of the gateway, which closes, is an error part', async () => {
    const { gateway } = silent();
    const { stream } = await toAiSdk(gateway)('silent:m').doStream(PROMPT);
    setTimeout(() => void gateway.close(), 5);
    expect((await partsOf(stream)).at(-1)).toMatchObject({
      type: 'error',
      error: { isRetryable: false, data: { code: 'CANCELLED' } },
    });
  });
});
