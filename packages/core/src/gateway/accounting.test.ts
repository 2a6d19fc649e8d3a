import { describe, expect, test } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenThrow,
  type Script,
  scriptedProvider,
  served,
  start,
  textAnswer,
  textBlock,
  usageOf,
} from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { ModelEvent } from '../model/model-event.js';
import { UNKNOWN_USAGE, type Usage } from '../model/usage.js';
import type { Provider } from '../provider/provider.js';
import { estimateRequestTokens, estimateTextTokens } from '../tokens/estimate-tokens.js';
import { createGateway } from './create-gateway.js';
import type { Gateway } from './gateway.js';

const PROMPT = 'Tell me about the rivers of Switzerland.';
const ANSWER = 'The Aare is the longest river that both rises and ends in Switzerland.';
const TOKENS_IN = estimateRequestTokens({
  model: 'one',
  messages: [{ role: 'user', content: [{ type: 'text', text: PROMPT }] }],
});
const costOf = (tokensIn: number, tokensOut: number): number => (tokensIn + 2 * tokensOut) / 1e6;

const gatewayOf = (script: Script, changes: Partial<Provider> = {}): Gateway =>
  createGateway({
    providers: [scriptedProvider(script, changes)],
    retry: { retries: 0 },
    defaultModel: 'scripted:one',
  });
const chat = (gateway: Gateway, model = 'scripted:one') => gateway.chat({ model, prompt: PROMPT });

test('a success is recorded whole', async () => {
  const usage: Usage = {
    inputTokens: { total: 100, noCache: 30, cacheRead: 60, cacheWrite: 10 },
    outputTokens: { total: 50, text: 20, reasoning: 30 },
    estimated: false,
  };
  const gateway = gatewayOf(play([start, served('one'), ...textBlock(ANSWER), finish(usage, 'length')]));
  const before = Date.now();
  const { id } = await gateway.chat({
    model: 'scripted:one',
    prompt: PROMPT,
    project: 'atlas',
    user: 'ada',
    tags: ['geo'],
  });
  const record = await recordOf(gateway);
  expect(record).toEqual({
    id,
    groupId: id,
    attempt: 1,
    startedAt: expect.any(Number),
    status: 'success',
    errorCode: null,
    finishReason: 'length',
    requestedModel: 'scripted:one',
    provider: 'scripted',
    model: 'one',
    servedModel: 'one',
    routeReason: expect.stringContaining('named by the caller'),
    operation: 'chat',
    tokensIn: 100,
    tokensOut: 50,
    tokensCacheRead: 60,
    tokensCacheWrite: 10,
    tokensReasoning: 30,
    estimated: false,
    cache: null,
    savedUsd: 0,
    tokensSaved: 0,
    costUsd: costOf(100, 50),
    latencyMs: expect.any(Number),
    timeToFirstTokenMs: expect.any(Number),
    project: 'atlas',
    user: 'ada',
    tags: ['geo'],
    category: null,
    complexity: null,
    rating: null,
    experiment: null,
    experimentArm: null,
    budgetLeftUsd: null,
    tokensBeforeCompression: null,
    tokensAfterCompression: null,
    compression: null,
    routeMode: 'named',
    failover: false,
  });
  expect(record.startedAt).toBeGreaterThanOrEqual(before);
  expect(record.timeToFirstTokenMs).toBeLessThanOrEqual(record.latencyMs ?? 0);
});

describe('a failure before the answer began', () => {
  test.each([
    new ProviderError('RATE_LIMITED', 'Slow down.', { provider: 'scripted', retryAfterMs: 1_000 }),
    new MillraceError('AUTHENTICATION', 'No.'),
  ])('is thrown as it is, recorded and free: %s', async (error) => {
    const gateway = gatewayOf(playThenThrow([], error));
    expect(await failureOf(() => chat(gateway))).toBe(error);
    expect(await recordOf(gateway)).toMatchObject({
      status: 'error',
      errorCode: error.code,
      provider: 'scripted',
      model: 'one',
      tokensIn: 0,
      costUsd: 0,
      timeToFirstTokenMs: null,
    });
  });

  test.each<[string, Script]>([
    ['a foreign error', playThenThrow([], new TypeError('fetch failed'))],
    ['a string', playThenThrow([], 'fetch failed')],
    [
      'a provider that throws at once',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
    ['an answer that is no iterable', () => undefined as never],
    ['an event that is none', play([undefined as never])],
  ])('is a network error for %s', async (_what, script) => {
    const gateway = gatewayOf(script);
    expect(await failureOf(() => chat(gateway))).toMatchObject({
      code: 'NETWORK',
      provider: 'scripted',
      model: 'one',
    });
    expect(await recordOf(gateway)).toMatchObject({ status: 'error', errorCode: 'NETWORK', costUsd: 0 });
  });
});

describe('a failure after the answer began', () => {
  test.each<[string, Script, string, string]>([
    [
      'the end of the stream without finish',
      play([start, ...textBlock(ANSWER)]),
      'interrupted',
      'INTERRUPTED',
    ],
    [
      'a cut connection',
      playThenThrow([start, ...textBlock(ANSWER)], new TypeError('terminated')),
      'interrupted',
      'INTERRUPTED',
    ],
    [
      'an error of the vendor',
      playThenThrow([start, ...textBlock(ANSWER)], new MillraceError('OVERLOADED', 'Too busy.')),
      'error',
      'OVERLOADED',
    ],
    [
      'a cut connection of a provider that skips the start',
      playThenThrow(textBlock(ANSWER), new TypeError('x')),
      'interrupted',
      'INTERRUPTED',
    ],
  ])('costs an estimate of what was used: %s', async (_what, script, status, errorCode) => {
    const gateway = gatewayOf(script);
    expect(await failureOf(() => chat(gateway))).toMatchObject({ code: errorCode });
    expect(await recordOf(gateway)).toMatchObject({
      status,
      errorCode,
      finishReason: null,
      tokensIn: TOKENS_IN,
      tokensOut: estimateTextTokens(ANSWER),
      estimated: true,
      costUsd: costOf(TOKENS_IN, estimateTextTokens(ANSWER)),
    });
  });

  test('counts tool input once, whether it came in pieces or whole', async () => {
    const input = '{"river":"Aare","canton":"Bern"}';
    const call: ModelEvent = { type: 'tool-call', toolCallId: 'c', toolName: 't', input };
    const pieces: readonly ModelEvent[] = [
      { type: 'tool-input-start', id: 'c', toolName: 't' },
      { type: 'tool-input-delta', id: 'c', delta: input },
      { type: 'tool-input-end', id: 'c' },
    ];
    for (const events of [[call], pieces, [...pieces, call]]) {
      const gateway = gatewayOf(play([start, ...events]));
      await failureOf(() => chat(gateway));
      expect(await recordOf(gateway)).toMatchObject({ tokensOut: estimateTextTokens(input) });
    }
  });
});

describe('the price', () => {
  const models = [
    { id: 'gpt-x', price: { input: 1, output: 2 } },
    { id: 'gpt-x-mini', price: { input: 0.1, output: 0.2 } },
    { id: 'unpriced' },
  ];
  const bill = async (asked: string, servedModel?: string) => {
    const script = play([start, ...(servedModel === undefined ? [] : [served(servedModel)]), finish()]);
    const gateway = gatewayOf(script, { models });
    const reply = await chat(gateway, `scripted:${asked}`);
    const record = await recordOf(gateway);
    expect(record.costUsd).toBe(reply.cost.costUsd);
    return { costUsd: record.costUsd, servedModel: record.servedModel };
  };

  test.each([
    ['of the model that was asked, when the vendor names none', 'gpt-x', undefined, 0.002],
    ['of the model that was asked, for its dated snapshot', 'gpt-x', 'gpt-x-2026-03-17', 0.002],
    ['of the model that was asked, for its snapshot of eight digits', 'gpt-x', 'gpt-x-20260317', 0.002],
    ['of another model that was served in its place', 'gpt-x', 'gpt-x-mini', 0.0002],
    ['of a listed model, when the one asked for is not', 'brand-new', 'gpt-x', 0.002],
    ['unknown for a model that nobody lists', 'gpt-x', 'gpt-x-turbo', null],
    ['unknown for a snapshot of a model that nobody lists', 'gpt-x', 'gpt-x-turbo-2026-03-17', null],
    ['unknown for a model without a price', 'unpriced', 'unpriced', null],
    ['unknown for a model that the catalogue does not list', 'brand-new', undefined, null],
  ])('is %s', async (_what, asked, servedModel, costUsd) => {
    expect(await bill(asked, servedModel)).toEqual({ costUsd, servedModel: servedModel ?? null });
  });

  test('stays known when the provider is taken out while the call runs', async () => {
    const gateway = gatewayOf(play(textAnswer('x')));
    gateway.on('call-first-token', () => void gateway.registry.unregister('scripted'));
    expect((await chat(gateway)).cost.costUsd).toBe(0.002);
    expect(gateway.registry.list()).toEqual([]);
  });
});

describe('the usage', () => {
  test('of zero that a vendor reports is not replaced by an estimate', async () => {
    const gateway = gatewayOf(play([start, ...textBlock(ANSWER), finish(usageOf(0, 0))]));
    const { cost, usage } = await chat(gateway);
    expect(cost).toEqual({ tokensIn: 0, tokensOut: 0, costUsd: 0, estimated: false });
    expect(usage.estimated).toBe(false);
  });

  test('is estimated, and marked so, where the vendor reports none', async () => {
    const gateway = gatewayOf(play([start, ...textBlock(ANSWER), finish(UNKNOWN_USAGE)]));
    const { cost } = await chat(gateway);
    const tokensOut = estimateTextTokens(ANSWER);
    expect(cost).toEqual({
      tokensIn: TOKENS_IN,
      tokensOut,
      costUsd: costOf(TOKENS_IN, tokensOut),
      estimated: true,
    });
    expect(await recordOf(gateway)).toMatchObject({ tokensIn: TOKENS_IN, tokensOut, estimated: true });
  });

  test('is estimated only for the total that is missing', async () => {
    const usage: Usage = { ...usageOf(7, 0), outputTokens: UNKNOWN_USAGE.outputTokens };
    const { cost } = await chat(gatewayOf(play([start, ...textBlock(ANSWER), finish(usage)])));
    expect(cost).toMatchObject({ tokensIn: 7, tokensOut: estimateTextTokens(ANSWER), estimated: true });
  });

  test('can be estimated for a conversation that JSON cannot hold', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const gateway = gatewayOf(play([start, finish(UNKNOWN_USAGE)]));
    await gateway.chat({
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: [{ type: 'tool-call', toolCallId: 'c', toolName: 't', input: circular }],
        },
      ],
    });
    expect(await recordOf(gateway)).toMatchObject({ status: 'success', estimated: true });
  });
});

test('a thousand calls at once make a thousand records', async () => {
  const gateway = gatewayOf(play(textAnswer('a', 'b')));
  const replies = await Promise.all(Array.from({ length: 1_000 }, () => chat(gateway)));
  const records = new Set(replies.map(({ id }) => id));
  expect(records.size).toBe(1_000);
  expect(await gateway.ledger.summarize()).toMatchObject([
    { calls: 1_000, successes: 1_000, tokensIn: 1_000_000 },
  ]);
  expect((await recordsOf(gateway)).every(({ costUsd }) => costUsd === 0.002)).toBe(true);
});
