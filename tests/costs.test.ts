import { createGateway, type Gateway } from '@millrace/core';
import type { Cost } from '@millrace/core/model';
import { anthropic } from '@millrace/providers/anthropic';
import { google } from '@millrace/providers/google';
import { openai } from '@millrace/providers/openai';
import { openaiPreset } from '@millrace/providers/openai-compatible';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hasRecordings,
  type RecordedUpstream,
  readRecording,
  startRecordedUpstream,
} from './support/recorded-upstream.ts';

// Every expected cost is worked out by hand: tokens of the recorded usage, times the vendor's list price per million.

let upstream: RecordedUpstream;
let gateway: Gateway;
beforeAll(async () => {
  upstream = await startRecordedUpstream();
  const { url } = upstream;
  const chat = { baseUrl: `${url}/v1`, apiKey: 'k' };
  gateway = createGateway({
    providers: [
      openai({ ...chat, api: 'chat' }),
      openai({ ...chat, id: 'responses', api: 'responses' }),
      anthropic({ baseUrl: url, apiKey: 'k' }),
      google({ baseUrl: url, apiKey: 'k' }),
      openaiPreset('groq', chat),
      openaiPreset('deepseek', chat),
      openaiPreset('xai', chat),
    ],
    catalogue: {
      // Retired, so that it is not in the catalogue; its price of September 2025.
      models: { 'deepseek:deepseek-reasoner': { price: { input: 0.28, output: 0.42, cacheRead: 0.028 } } },
    },
    retry: { retries: 0 },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream[Symbol.asyncDispose]();
});

const ask = async (model: string): Promise<Cost> => {
  const request = { model, prompt: 'Hi' };
  const isStream = Array.isArray(upstream.answer);
  const { cost } = await (isStream ? gateway.stream(request).reply() : gateway.chat(request));
  return cost;
};

const MICRO = 1e-6;

describe.skipIf(!hasRecordings)('recorded usage (left out where ../shared/data is not there)', () => {
  test.each<[string, string, string, number]>([
    // 16 in at $0.10, 363 out at $0.40.
    ['plain', 'openai-chat/openai-text.json', 'openai:gpt-4.1-nano', 16 * 0.1 + 363 * 0.4],
    // 78 out, of which 64 were thought.
    [
      'reasoning within the output',
      'openai-chat/azure-model-router.1.chunks.txt',
      'openai:gpt-5-nano',
      15 * 0.05 + 78 * 0.4,
    ],
    // 7,243 in, of which 3,072 were cached.
    [
      'cached input',
      'openai-responses/openai-phase.1.json',
      'responses:gpt-5.3-codex',
      4_171 * 1.75 + 3_072 * 0.175 + 423 * 14,
    ],
    [
      'cached input and reasoning',
      'openai-responses/openai-web-search-tool.1.json',
      'responses:gpt-5-mini',
      15_969 * 0.25 + 3_712 * 0.025 + 3_773 * 2,
    ],
    [
      'a stream with no cache writes',
      'openai-responses/github-copilot-id-rotation.1.chunks.txt',
      'responses:gpt-5.3-codex',
      19 * 1.75 + 105 * 14,
    ],
    [
      'below the limit of long contexts',
      'openai-responses/parallel-tool-call-wrapper.1.json',
      'responses:gpt-5.4',
      34 * 2.5 + 28 * 15,
    ],
    [
      'reasoning within the output',
      'anthropic/anthropic-claude-opus-5-reasoning-high.1.json',
      'anthropic:claude-opus-5',
      51 * 5 + 1_699 * 25,
    ],
    [
      'a stream whose last counts hold',
      'anthropic/anthropic-text.chunks.txt',
      'anthropic:claude-sonnet-4-5',
      12 * 3 + 30 * 15,
    ],
    [
      'input that was counted again',
      'anthropic/anthropic-message-delta-input-tokens.chunks.txt',
      'anthropic:claude-opus-4-5',
      61 * 5 + 2 * 25,
    ],
    [
      'a forced tool',
      'anthropic/anthropic-json-tool.1.json',
      'anthropic:claude-haiku-4-5',
      1_151 * 1 + 87 * 5,
    ],
    // 29 were said and 258 thought; the vendor counts them apart.
    [
      'thoughts beside the answer',
      'google/google-reasoning-gemini3.json',
      'google:gemini-3-pro-preview',
      9 * 2 + 287 * 12,
    ],
    [
      'thoughts beside the answer, streamed',
      'google/google-stream-no-args-tool-call.chunks.txt',
      'google:gemini-3-flash-preview',
      249 * 0.5 + 241 * 3,
    ],
    ['reasoning', 'groq/groq-reasoning.json', 'groq:qwen/qwen3-32b', 17 * 0.29 + 649 * 0.59],
    ['plain', 'groq/groq-text.json', 'groq:llama-3.3-70b-versatile', 45 * 0.59 + 607 * 0.79],
    // 495 in, of which 320 were cached.
    [
      'cached input at a price of the host',
      'deepseek/deepseek-json.json',
      'deepseek:deepseek-reasoner',
      175 * 0.28 + 320 * 0.028 + 144 * 0.42,
    ],
    [
      'cached input, streamed',
      'deepseek/deepseek-tool-call.chunks.txt',
      'deepseek:deepseek-reasoner',
      19 * 0.28 + 320 * 0.028 + 83 * 0.42,
    ],
  ])('%s: %s', async (_, name, model, dollarsPerMillion) => {
    upstream.answer = readRecording(name);
    const { costUsd, estimated } = await ask(model);
    expect(costUsd).toBeCloseTo(dollarsPerMillion * MICRO, 12);
    expect(estimated).toBe(false);
  });

  test('xAI says itself what a call cost, and it is the same', async () => {
    const payloads = readRecording('openai-compatible/xai-tool-call.chunks.txt') as Record<string, unknown>[];
    upstream.answer = payloads;
    const { costUsd } = await ask('xai:grok-3-mini');
    // 307 in, of which 306 were cached; 26 said and 227 thought, which it leaves out of the completion.
    expect(costUsd).toBeCloseTo((1 * 0.3 + 306 * 0.075 + 253 * 0.5) * MICRO, 12);
    const usage = payloads.findLast((payload) => payload['usage'])?.['usage'] as {
      cost_in_usd_ticks: number;
    };
    expect(costUsd).toBeCloseTo(usage.cost_in_usd_ticks / 1e10, 12);
  });

  test('a vector costs its input', async () => {
    upstream.answer = readRecording('openai-chat/openai-embedding.json');
    const values = ['one', 'two', 'three'].slice(0, (upstream.answer as { data: unknown[] }).data.length);
    const { cost } = await gateway.embed({ model: 'openai:text-embedding-3-small', values });
    expect(cost).toEqual({
      tokensIn: 12,
      tokensOut: 0,
      costUsd: expect.closeTo(12 * 0.02 * MICRO, 12),
      estimated: false,
    });
  });

  test('a model that is not in the catalogue has an unknown cost', async () => {
    upstream.answer = readRecording('anthropic/anthropic-web-fetch-tool.error.json');
    expect(await ask('anthropic:claude-sonnet-4-20250514')).toMatchObject({ tokensIn: 1_902, costUsd: null });
  });

  test('after a fall-back it is the answering model that is paid for', async () => {
    upstream.answer = readRecording('anthropic/anthropic-fallback.chunks.txt');
    expect((await ask('anthropic:claude-fable-5')).costUsd).toBeCloseTo((412 * 5 + 264 * 25) * MICRO, 12);
  });
});

/** Usage in the vendors' words, of calls that no recording has. */
const message = (model: string, usage: object) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model,
  content: [{ type: 'text', text: 'Yes.' }],
  stop_reason: 'end_turn',
  usage,
});
const response = (model: string, usage: object) => ({
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model,
  output: [{ id: 'm', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yes.' }] }],
  usage,
});
const candidate = (model: string, usageMetadata: object) => ({
  modelVersion: model,
  candidates: [{ content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' }],
  usageMetadata,
});

const ANTHROPIC_USAGE = {
  input_tokens: 100,
  cache_read_input_tokens: 2_000,
  cache_creation_input_tokens: 700,
  cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 400 },
  output_tokens: 50,
  server_tool_use: { web_search_requests: 2, web_fetch_requests: 5 },
};

describe('usage as the vendors document it', () => {
  test('Anthropic: cache writes for five minutes and for an hour, and searches of the web', async () => {
    upstream.answer = message('claude-opus-5-5', ANTHROPIC_USAGE);
    // $4 in, $0.20 read, $5 and $8 written, $20 out; $10 for 1,000 searches.
    const tokens = 100 * 4 + 2_000 * 0.2 + 300 * 5 + 400 * 8 + 50 * 20;
    expect((await ask('anthropic:claude-opus-5-5')).costUsd).toBeCloseTo(tokens * MICRO + 0.02, 12);
  });

  test('Anthropic: one token above the limit, cached ones included, and all of them cost more', async () => {
    const usage = { ...ANTHROPIC_USAGE, server_tool_use: undefined };
    const model = 'claude-haiku-5-5';
    upstream.answer = message(model, { ...usage, cache_read_input_tokens: 99_200 });
    const short = 100 * 0.1 + 99_200 * 0.01 + 300 * 0.125 + 400 * 0.2 + 50 * 0.5;
    expect((await ask(`anthropic:${model}`)).costUsd).toBeCloseTo(short * MICRO, 12);
    upstream.answer = message(model, { ...usage, cache_read_input_tokens: 99_201 });
    const long = 100 * 0.5 + 99_201 * 0.05 + 300 * 0.625 + 400 * 1 + 50 * 2.5;
    expect((await ask(`anthropic:${model}`)).costUsd).toBeCloseTo(long * MICRO, 12);
  });

  test('Anthropic: in a batch tokens cost half, and searches what they always cost', async () => {
    const result = { type: 'succeeded', message: message('claude-opus-5-5', ANTHROPIC_USAGE) };
    upstream.answer = (path) =>
      path.includes('/results')
        ? JSON.stringify({ custom_id: 'one', result })
        : {
            id: 'msgbatch_1',
            processing_status: 'ended',
            request_counts: { processing: 0, succeeded: 1, errored: 0, canceled: 0, expired: 0 },
            created_at: '2026-11-20T00:00:00Z',
            results_url: `${upstream.url}/v1/messages/batches/msgbatch_1/results`,
          };
    const requests = [{ id: 'one', prompt: 'Hi' }];
    const job = await gateway.batches.submit({ model: 'anthropic:claude-opus-5-5', requests });
    const answers: unknown[] = [];
    for await (const answer of gateway.batches.collect(job.id)) answers.push(answer);
    const tokens = 100 * 2 + 2_000 * 0.1 + 300 * 2.5 + 400 * 4 + 50 * 10;
    expect(answers).toMatchObject([
      { id: 'one', reply: { cost: { costUsd: expect.closeTo(tokens * MICRO + 0.02, 12) } } },
    ]);
  });

  test('OpenAI: cache writes for half an hour and for twelve hours, in a long context', async () => {
    const input_tokens_details = {
      cached_tokens: 200_000,
      cache_write_tokens: { '30m': 50_000, '12h': 20_000 },
    };
    const model = 'gpt-6.1-terra';
    upstream.answer = response(model, { input_tokens: 272_000, input_tokens_details, output_tokens: 1_000 });
    const short = 2_000 * 1 + 200_000 * 0.05 + 50_000 * 1.25 + 20_000 * 2.5 + 1_000 * 5;
    expect((await ask(`responses:${model}`)).costUsd).toBeCloseTo(short * MICRO, 12);
    upstream.answer = response(model, { input_tokens: 272_001, input_tokens_details, output_tokens: 1_000 });
    const long = 2_001 * 2 + 200_000 * 0.1 + 50_000 * 2.5 + 20_000 * 5 + 1_000 * 7.5;
    expect((await ask(`responses:${model}`)).costUsd).toBeCloseTo(long * MICRO, 12);
  });

  test('Google: a long context with cached tokens, and spoken input', async () => {
    upstream.answer = candidate('gemini-2.5-pro', {
      promptTokenCount: 250_000,
      cachedContentTokenCount: 100_000,
      candidatesTokenCount: 500,
      thoughtsTokenCount: 1_500,
    });
    const long = 150_000 * 2.5 + 100_000 * 0.25 + 2_000 * 15;
    expect((await ask('google:gemini-2.5-pro')).costUsd).toBeCloseTo(long * MICRO, 12);
    upstream.answer = candidate('gemini-2.5-flash', {
      promptTokenCount: 1_000,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 300 },
        { modality: 'AUDIO', tokenCount: 700 },
      ],
      cachedContentTokenCount: 400,
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 400 }],
      candidatesTokenCount: 10,
    });
    const spoken = 300 * 0.3 + 300 * 1 + 400 * 0.1 + 10 * 2.5;
    expect((await ask('google:gemini-2.5-flash')).costUsd).toBeCloseTo(spoken * MICRO, 12);
  });

  test('a reported zero stays zero', async () => {
    upstream.answer = message('claude-opus-5-5', { input_tokens: 0, output_tokens: 0 });
    expect(await ask('anthropic:claude-opus-5-5')).toEqual({
      tokensIn: 0,
      tokensOut: 0,
      costUsd: 0,
      estimated: false,
    });
  });
});
