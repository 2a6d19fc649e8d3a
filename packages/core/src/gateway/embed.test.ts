import { describe, expect, test } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
import { failureOf, play, scriptedProvider, textAnswer } from '../../test/scripted-provider.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { EmbeddingReply, EmbeddingRequest, Provider, ProviderContext } from '../provider/index.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';

const MODEL = { id: 'vectors-1', aliases: ['vectors'], price: { input: 0.5, output: 0 } };
type Embed = NonNullable<Provider['embed']>;

const answer = ({ model, values }: EmbeddingRequest): EmbeddingReply => ({
  embeddings: values.map((value) => [value.length, 1]),
  modelId: model,
  tokensIn: 1_000,
  warnings: [],
});

const setUp = (
  embed: Embed = async (request) => answer(request),
  changes: Partial<Provider> = {},
  options: GatewayOptions = {},
) => {
  const asked: { request: EmbeddingRequest; context: ProviderContext }[] = [];
  const provider = scriptedProvider(play(textAnswer('x')), {
    embeddingModels: [MODEL],
    embed(request, context) {
      asked.push({ request, context });
      return embed(request, context);
    },
    ...changes,
  });
  const gateway = createGateway({ providers: [provider], retry: { minDelayMs: 1 }, ...options });
  return { gateway, asked };
};
const REQUEST = { model: 'scripted:vectors-1', values: ['a', 'bcd'] } as const;

test('texts become vectors, priced and recorded', async () => {
  const { gateway, asked } = setUp();
  const reply = await gateway.embed({ ...REQUEST, dimensions: 2, purpose: 'query', project: 'atlas' });
  expect(reply).toMatchObject({
    embeddings: [
      [1, 1],
      [3, 1],
    ],
    cost: { tokensIn: 1_000, tokensOut: 0, costUsd: 0.0005, estimated: false },
    modelId: 'vectors-1',
    route: {
      provider: 'scripted',
      model: 'vectors-1',
      reason: expect.stringContaining('named by the caller'),
    },
  });
  expect(asked[0]?.request).toMatchObject({ model: 'vectors-1', dimensions: 2, purpose: 'query' });
  expect(await recordOf(gateway)).toMatchObject({
    id: reply.id,
    groupId: reply.id,
    operation: 'embed',
    status: 'success',
    provider: 'scripted',
    model: 'vectors-1',
    servedModel: 'vectors-1',
    tokensIn: 1_000,
    costUsd: 0.0005,
    project: 'atlas',
    latencyMs: expect.any(Number),
  });
});

test('a vendor that counts nothing gets an estimate, marked so', async () => {
  const { gateway } = setUp(async (request) => ({ ...answer(request), tokensIn: undefined }));
  const { cost } = await gateway.embed(REQUEST);
  expect(cost).toMatchObject({ estimated: true, tokensIn: 2 });
});

describe('the model', () => {
  test.each([
    ['scripted:vectors-1', 'vectors-1'],
    ['vectors-1', 'vectors-1'],
    ['vectors', 'vectors'],
    ['mine', 'vectors-1'],
    ['scripted:brand-new', 'brand-new'],
  ])('may be named as %s', async (model, sent) => {
    const { gateway, asked } = setUp(
      undefined,
      {},
      { catalogue: { aliases: { mine: 'scripted:vectors-1' } } },
    );
    await gateway.embed({ ...REQUEST, model });
    expect(asked[0]?.request.model).toBe(sent);
  });

  test.each([
    ['unknown', 'UNKNOWN_MODEL', 'scripted:vectors-1'],
    // One that answers is none that makes vectors.
    ['one', 'UNKNOWN_MODEL', 'scripted:vectors-1'],
  ])('%s is refused, with those that there are', async (model, code, told) => {
    const { gateway, asked } = setUp();
    const failure = await failureOf(() => gateway.embed({ ...REQUEST, model }));
    expect(failure).toMatchObject({ code, message: expect.stringContaining(told) });
    expect(asked).toEqual([]);
    expect(await recordOf(gateway)).toMatchObject({ status: 'error', errorCode: code, costUsd: 0 });
  });

  test('of a provider that has no embeddings, or is switched off, is refused', async () => {
    const none = createGateway({ providers: [scriptedProvider(play(textAnswer('x')))] });
    expect(await failureOf(() => none.embed(REQUEST))).toMatchObject({ code: 'BAD_REQUEST' });
    const { gateway } = setUp();
    gateway.registry.disable('scripted');
    expect(await failureOf(() => gateway.embed(REQUEST))).toMatchObject({ code: 'PROVIDER_DISABLED' });
  });
});

describe('a failure', () => {
  const overloaded = new ProviderError('OVERLOADED', 'Too busy.', { provider: 'scripted' });

  test('that may pass is tried again, with a record of each attempt', async () => {
    let attempt = 0;
    const { gateway } = setUp(async (request) => {
      if (++attempt < 3) throw overloaded;
      return answer(request);
    });
    const { id } = await gateway.embed(REQUEST);
    const records = await recordsOf(gateway);
    expect(records.map((record) => [record.attempt, record.status, record.groupId])).toEqual(
      expect.arrayContaining([
        [1, 'retried', id],
        [2, 'retried', id],
        [3, 'success', id],
      ]),
    );
    expect(records).toHaveLength(3);
  });

  test('of a key is answered with the next key', async () => {
    const { gateway, asked } = setUp(
      async (request, { credential }) => {
        if (credential?.apiKey === 'one')
          throw new ProviderError('AUTHENTICATION', 'No.', { provider: 'scripted' });
        return answer(request);
      },
      { credential: { required: true } },
      { credentials: { get: () => ({ apiKey: 'one' }), replace: () => ({ apiKey: 'two' }) } },
    );
    await gateway.embed(REQUEST);
    expect(asked.map(({ context }) => context.credential?.apiKey)).toEqual(['one', 'two']);
  });

  test('tells no key', async () => {
    const key = 'sk-canary-0123456789abcdef';
    const { gateway } = setUp(
      async () => {
        throw new Error(`refused ${key}`);
      },
      { credential: { required: true } },
      { credentials: { get: () => ({ apiKey: key }) }, retry: { retries: 0 } },
    );
    const failure = await failureOf(() => gateway.embed(REQUEST));
    expect(failure).toMatchObject({ code: 'NETWORK' });
    expect(String((failure as Error).stack) + JSON.stringify(failure)).not.toContain(key);
  });

  test('for want of a key comes before anything is sent', async () => {
    const { gateway, asked } = setUp(undefined, { credential: { required: true } });
    expect(await failureOf(() => gateway.embed(REQUEST))).toMatchObject({ code: 'MISSING_KEY' });
    expect(asked).toEqual([]);
  });
});

describe('the wait', () => {
  const forever: Embed = (_request, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  test('ends when the caller cancels, when the time is over, and when the gateway is closed', async () => {
    const { gateway } = setUp(forever);
    const caller = new AbortController();
    const cancelled = failureOf(() => gateway.embed({ ...REQUEST, signal: caller.signal }));
    caller.abort();
    expect(await cancelled).toMatchObject({ code: 'CANCELLED' });
    expect(await recordOf(gateway)).toMatchObject({ status: 'cancelled' });
    expect(await failureOf(() => gateway.embed({ ...REQUEST, timeLimits: { totalMs: 5 } }))).toMatchObject({
      code: 'TIMEOUT',
    });
    const closed = failureOf(() => gateway.embed(REQUEST));
    await gateway.close();
    expect(await closed).toMatchObject({ code: 'CANCELLED' });
    expect(await failureOf(() => gateway.embed(REQUEST))).toMatchObject({ code: 'CLOSED' });
  });
});

test.each([
  { ...REQUEST, values: [] },
  { ...REQUEST, values: ['a', ''] },
  { ...REQUEST, model: ' ' },
  { ...REQUEST, dimensions: 0 },
  { ...REQUEST, purpose: 'fun' as never },
  { ...REQUEST, timeLimits: { totalMs: -1 } },
  undefined as never,
])('%j is refused', async (request) => {
  const { gateway, asked } = setUp();
  expect(await failureOf(() => gateway.embed(request))).toMatchObject({ code: 'BAD_REQUEST' });
  expect(asked).toEqual([]);
});
