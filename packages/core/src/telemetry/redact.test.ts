import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REDACTED, redactSecrets } from './redact.js';

const TAIL = 'Zx81kQ0pLmN47vBc92Ty';
const KEYS: readonly string[] = [
  `sk-${TAIL}`,
  `sk-ant-api03-${TAIL}`,
  `sk-proj-${TAIL.repeat(20)}`,
  `gsk_${TAIL}`,
  `xai-${TAIL}`,
  `hf_${TAIL}`,
  `ghp_${TAIL}`,
  `github_pat_${TAIL}`,
  `AIzaSy${TAIL}`,
  `ya29.${TAIL}`,
  'AKIAIOSFODNN7EXAMPLE',
  `eyJhbGciOiJIUzI1NiJ9.${TAIL}.${TAIL}`,
];

describe('the shape of a key', () => {
  test.each(KEYS)('is known: %s', (key) => {
    expect(redactSecrets(`before ${key} after`)).toBe(`before ${REDACTED} after`);
  });

  test.each(['"', "'", '=', ':', ' ', '\n', '(', '/', '?key='])('is found after %j', (before) => {
    for (const key of KEYS) expect(redactSecrets(`${before}${key}`)).toBe(`${before}${REDACTED}`);
  });

  test('is hidden to its end however long it is', () => {
    const key = `sk-${'aB3'.repeat(5_000)}`;
    expect(redactSecrets(key)).toBe(REDACTED);
    expect(redactSecrets(`Bearer ${'aB3'.repeat(5_000)}`)).toBe(`Bearer ${REDACTED}`);
  });

  test('is also a header, or a password in an address', () => {
    expect(redactSecrets('authorization: Bearer abc.def-123')).toBe(`authorization: Bearer ${REDACTED}`);
    expect(redactSecrets('Basic dXNlcjpwYXNzd29yZA==')).toBe(`Basic ${REDACTED}`);
    expect(redactSecrets('postgres://me:hunter2@db.example/app')).toBe(
      `postgres://me:${REDACTED}@db.example/app`,
    );
    expect(redactSecrets('redis://:hunter2@cache.example')).toBe(`redis://:${REDACTED}@cache.example`);
  });
});

describe('a known secret', () => {
  test('is hidden wherever it stands, whatever it looks like', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6 }),
        fc.array(fc.string(), { minLength: 1, maxLength: 5 }),
        (secret, texts) => {
          // A marker that is part of the secret would stand in the result by itself.
          fc.pre(!REDACTED.includes(secret) && !secret.includes(REDACTED));
          fc.pre(!texts.some((text) => `${REDACTED}${text}${REDACTED}`.includes(secret)));
          expect(redactSecrets(texts.join(secret), [secret])).not.toContain(secret);
        },
      ),
    );
  });

  test('that is too short is passed over, so that it blanks no words', () => {
    expect(redactSecrets('a cat sat', ['cat'])).toBe('a cat sat');
  });
});

describe('ordinary text', () => {
  test.each([
    'tokensIn: 5, tokensOut: 7, maxOutputTokens: 512',
    'gpt-4o-mini-2024-07-18 answered in 812 ms',
    'claude-sonnet-4-5: $3 in / $15 out per 1M tokens',
    'The task-manager has a risk-assessment of the disk-usage.',
    'http://localhost:8080/v1 and me@example.com',
    '{"url":"http://localhost:8080","email":"me@example.com"}',
    '0192f3c1-7b0e-7c3a-9d51-2f6f1f6f6f6f',
    'call_abc123 chatcmpl-ABCdef123456 req_011CQ',
  ])('stays as it is: %s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  test('that was cleaned stays as it is when it is cleaned again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...KEYS, 'Bearer abcdef123')), { maxLength: 6 }),
        (parts) => {
          const once = redactSecrets(parts.join(' '));
          expect(redactSecrets(once)).toBe(once);
        },
      ),
    );
  });
});

/** Texts made to send each pattern back and forth. A pattern of quadratic time would need hours for these. */
describe('a long hostile text', () => {
  test.each([
    'sk-',
    'eyJ-',
    'eyJaaaaaaaa.',
    'Bearer ',
    'a://',
    'a://b:',
    'http://a:b',
    ' ',
    'AIza',
    '-',
    'eyJ',
    'ya29.',
  ])(
    'of %j is cleaned all the same',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expect(redactSecrets(text).length).toBeLessThanOrEqual(text.length * 2);
    },
    20_000,
  );
});
