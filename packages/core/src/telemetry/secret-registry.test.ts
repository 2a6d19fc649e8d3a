import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createSecretRegistry } from './secret-registry.js';

test('every remembered secret is hidden, old and new', () => {
  const secrets = createSecretRegistry();
  secrets.add('first-secret');
  secrets.add('second-secret');
  expect(secrets.redact('a first-secret and a second-secret')).toBe('a [redacted] and a [redacted]');
});

test('the secrets cannot be read back', () => {
  const secrets = createSecretRegistry();
  secrets.add('first-secret');
  expect(inspect(secrets, { depth: 10, showHidden: true }) + JSON.stringify(secrets)).not.toContain(
    'first-secret',
  );
});

test('the oldest secrets are forgotten, so that keys that rotate for years need no more room', () => {
  const secrets = createSecretRegistry();
  for (let index = 0; index <= 1_000; index++) secrets.add(`secret-number-${index}.`);
  expect(secrets.redact('secret-number-0.')).toBe('secret-number-0.');
  expect(secrets.redact('secret-number-1. secret-number-1000.')).toBe('[redacted] [redacted]');
});
