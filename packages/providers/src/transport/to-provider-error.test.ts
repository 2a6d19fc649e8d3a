import { describe, expect, test } from 'vitest';
import { toProviderError } from './to-provider-error.js';

const failure = (status: number | undefined, error: unknown, headers: Record<string, string> = {}) =>
  toProviderError({
    provider: 'test',
    model: 'm',
    status,
    error,
    header: (name) => headers[name] ?? null,
    secret: 'canary-key',
  });

test.each([
  [401, { code: 'invalid_api_key' }, 'AUTHENTICATION'],
  [403, {}, 'PERMISSION_DENIED'],
  [404, { code: 'model_not_found' }, 'NOT_FOUND'],
  [408, {}, 'TIMEOUT'],
  [413, {}, 'REQUEST_TOO_LARGE'],
  [429, { code: 'rate_limit_exceeded', type: 'tokens' }, 'RATE_LIMITED'],
  [429, { code: 'insufficient_quota', type: 'insufficient_quota' }, 'QUOTA_EXCEEDED'],
  [402, { message: 'Insufficient Balance' }, 'QUOTA_EXCEEDED'],
  [400, { code: 'context_length_exceeded', type: 'invalid_request_error' }, 'CONTEXT_LENGTH'],
  [400, { message: "This model's maximum context length is 8192 tokens." }, 'CONTEXT_LENGTH'],
  [400, { code: 'content_filter' }, 'CONTENT_FILTER'],
  [400, { type: 'invalid_request_error', message: 'Bad.' }, 'BAD_REQUEST'],
  [422, { message: 'Bad.' }, 'BAD_REQUEST'],
  [500, { type: 'server_error' }, 'SERVER_ERROR'],
  [502, {}, 'SERVER_ERROR'],
  [503, {}, 'OVERLOADED'],
  [529, {}, 'OVERLOADED'],
  [504, {}, 'TIMEOUT'],
])('status %i with %j is %s', (status, error, code) => {
  expect(failure(status, error)).toMatchObject({ code, status, provider: 'test', model: 'm' });
});

describe('an error inside a stream that began well (4.1.15)', () => {
  test.each([
    [{ code: 'rate_limit_exceeded' }, 'RATE_LIMITED'],
    [{ code: 'overloaded' }, 'OVERLOADED'],
    [{ type: 'server_error', message: 'The server had an error.' }, 'SERVER_ERROR'],
    [{ code: 429, message: 'Too many.' }, 'RATE_LIMITED'],
    ['just a sentence', 'SERVER_ERROR'],
  ])('4.1.15 %j is %s', (error, code) => {
    expect(failure(undefined, error).code).toBe(code);
  });
});

test.each([
  [{ 'retry-after-ms': '1500' }, 1_500],
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('the headers %j ask for a wait of %s ms', (headers, expected) => {
  expect(failure(429, {}, headers as Record<string, string>).retryAfterMs).toBe(expected);
});

test('a date to retry after is a wait from now, and one that has passed is none', () => {
  const inTenSeconds = new Date(Date.now() + 10_000).toUTCString();
  expect(failure(429, {}, { 'retry-after': inTenSeconds }).retryAfterMs).toBeGreaterThan(8_000);
  expect(failure(429, {}, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }).retryAfterMs).toBe(0);
});

test("the message keeps the vendor's sentence, shortened, and no key", () => {
  const error = failure(401, {
    message: `Incorrect API key provided: canary-key, sk-abcdefghijkl. ${'x'.repeat(2_000)}`,
  });
  expect(error.message).toContain('Incorrect API key provided');
  expect(error.message).not.toMatch(/canary-key|sk-abc/);
  expect(error.message.length).toBeLessThan(700);
});
