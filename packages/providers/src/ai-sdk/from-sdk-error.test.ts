import { APICallError, type LanguageModelV4StreamPart, LoadAPIKeyError } from '@ai-sdk/provider';
import { createGateway, type Gateway, MillraceError, ProviderError } from '@millrace/core';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { fromAiSdk } from './index.js';

const gatewayOf = (model: MockLanguageModelV4): Gateway =>
  createGateway({ providers: [fromAiSdk(model)], retry: { retries: 0 } });
const failing = (error: unknown): MockLanguageModelV4 =>
  new MockLanguageModelV4({ provider: 'mock', modelId: 'm', doGenerate: () => Promise.reject(error) });
const streaming = (...parts: LanguageModelV4StreamPart[]): MockLanguageModelV4 =>
  new MockLanguageModelV4({
    provider: 'mock',
    modelId: 'm',
    doStream: async () => ({ stream: ReadableStream.from(parts) }),
  });
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

describe('a failure', () => {
  const KEY = 'sk-live-abcdefghijklmnop';
  const api = (
    statusCode: number,
    body: object,
    responseHeaders: Record<string, string> = {},
  ): APICallError =>
    new APICallError({
      message: `refused ${KEY}`,
      url: `https://api.example.com/?key=${KEY}`,
      requestBodyValues: { prompt: 'the secret plan' },
      statusCode,
      responseHeaders,
      responseBody: JSON.stringify({ error: body }),
    });

  test.each([
    [
      'a rate limit',
      api(429, { message: 'Slow down.', code: 'rate_limit_exceeded' }, { 'Retry-After': '7' }),
      { code: 'RATE_LIMITED', status: 429, retryAfterMs: 7_000, retryable: true },
    ],
    [
      'no credit',
      api(429, { message: 'Pay.', code: 'insufficient_quota' }),
      { code: 'QUOTA_EXCEEDED', retryable: false },
    ],
    [
      'a bad key',
      api(401, { message: `Incorrect key: ${KEY}` }),
      { code: 'AUTHENTICATION', retryable: false },
    ],
    [
      'a long prompt',
      api(400, { message: 'maximum context length is 8', type: 'invalid_request_error' }),
      { code: 'CONTEXT_LENGTH' },
    ],
    [
      'a busy vendor',
      api(529, { type: 'overloaded_error', message: 'Overloaded' }, { 'request-id': 'r1' }),
      { code: 'OVERLOADED', requestId: 'r1' },
    ],
    [
      'a wrapped one',
      Object.assign(new Error('Failed after 3 attempts'), { lastError: api(500, { message: 'It broke.' }) }),
      { code: 'SERVER_ERROR' },
    ],
    [
      'a missing key',
      new LoadAPIKeyError({ message: 'Mock API key is missing. Set MOCK_API_KEY.' }),
      { code: 'MISSING_KEY', message: 'mock:m was not called: Mock API key is missing. Set MOCK_API_KEY.' },
    ],
    [
      'a dead host',
      Object.assign(new TypeError('fetch failed'), {
        cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      }),
      { code: 'NETWORK', retryable: true },
    ],
    [
      'no JSON',
      Object.assign(new Error('JSON parsing failed: Text: the secret plan'), {
        name: 'AI_JSONParseError',
        [Symbol.for('vercel.ai.error.AI_JSONParseError')]: true,
      }),
      { code: 'INVALID_RESPONSE' },
    ],
    ['a slow vendor', new DOMException('too slow', 'TimeoutError'), { code: 'TIMEOUT' }],
    [
      'an error of ours behind it',
      Object.assign(new Error('x'), { cause: new ProviderError('CONTENT_FILTER', 'No.', { provider: 'p' }) }),
      { code: 'CONTENT_FILTER' },
    ],
    [
      'anything else',
      new Error(`boom ${KEY}`),
      { code: 'NETWORK', message: 'mock:m failed: boom [redacted]' },
    ],
  ])('of the kind "%s" has its code, and shows neither key nor prompt', async (_what, thrown, expected) => {
    const failure = await failureOf(() => gatewayOf(failing(thrown)).chat(ask));
    expect(failure).toMatchObject(expected);
    const shown = `${failure.message} ${JSON.stringify(failure)} ${failure.stack} ${JSON.stringify(failure.cause)}`;
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain('secret plan');
  });

  test.each([
    ['an error object', { type: 'overloaded_error', message: 'Overloaded' }, 'OVERLOADED'],
    ['an envelope', { type: 'error', error: { type: 'rate_limit_error', message: 'Slow' } }, 'RATE_LIMITED'],
    [
      'an error with its status',
      Object.assign(new Error('busy'), { statusCode: 503, isRetryable: true }),
      'OVERLOADED',
    ],
    ['a cut connection', new TypeError('terminated'), 'INTERRUPTED'],
    ['text', 'it broke', 'SERVER_ERROR'],
  ])('in an error part, as %s, ends the answer', async (_what, error, code) => {
    const gateway = gatewayOf(
      streaming(
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '1' },
        { type: 'error', error },
      ),
    );
    expect(await failureOf(() => gateway.stream(ask).reply())).toMatchObject({ code });
  });
});
