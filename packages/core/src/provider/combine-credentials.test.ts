import { expect, test } from 'vitest';
import { combineCredentials } from './combine-credentials.js';
import type { CredentialQuery, CredentialSource } from './credential-source.js';

const query: CredentialQuery = { provider: 'p', required: true };
const source = (apiKey: string | undefined, later = false): CredentialSource => ({
  get: () => {
    const found = apiKey === undefined ? undefined : { apiKey };
    return later ? Promise.resolve(found) : found;
  },
});

test('the first source that has a key gives it, waited for or not', async () => {
  expect(combineCredentials(source(undefined), source('b'), source('c')).get(query)).toEqual({ apiKey: 'b' });
  expect(await combineCredentials(source(undefined, true), source('b', true)).get(query)).toEqual({
    apiKey: 'b',
  });
  expect(combineCredentials().get(query)).toBeUndefined();
});

test('a refused key is replaced by the first source that has another one', async () => {
  const keeper: CredentialSource = { ...source('a'), replace: () => ({ apiKey: 'next' }) };
  const refused = { apiKey: 'a' };
  expect(await combineCredentials(source('x'), keeper).replace?.(query, refused, 'AUTHENTICATION')).toEqual({
    apiKey: 'next',
  });
  expect(await combineCredentials(source('x')).replace?.(query, refused, 'AUTHENTICATION')).toBeUndefined();
});
