import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../model/model-request.js';
import { cacheKey } from './cache-key.js';
import { scopeOf } from './cache-options.js';

const REQUEST: ModelRequest = {
  model: 'one',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Hi' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 200]) } },
      ],
    },
  ],
  tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object' } }],
  maxOutputTokens: 5,
  temperature: 0,
  providerOptions: { openai: { user: 'x' } },
};
const keyOf = (request: ModelRequest, provider = 'p', scope = 's') => cacheKey({ provider, request, scope });

/** The same value with the keys of all its objects in another order. */
const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, field]) => [key, shuffled(field)]),
  );
};

test('the order of keys makes no difference, nor a field that is undefined', () => {
  expect(keyOf(shuffled(REQUEST) as ModelRequest)).toBe(keyOf(REQUEST));
  expect(keyOf({ ...REQUEST, seed: undefined })).toBe(keyOf(REQUEST));
});

test.each<[string, Partial<ModelRequest>]>([
  ['the model', { model: 'two' }],
  ['a message', { messages: [{ role: 'user', content: [{ type: 'text', text: 'Ho' }] }] }],
  ['the order of messages', { messages: REQUEST.messages.toReversed() }],
  ['a tool', { tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object', title: 'x' } }] }],
  ['the tool choice', { toolChoice: { type: 'none' } }],
  ['the response format', { responseFormat: { type: 'json' } }],
  ['a setting', { temperature: 0.1 }],
  ['the seed', { seed: 0 }],
  ['the reasoning effort', { reasoning: 'low' }],
  ['an option for the vendor', { providerOptions: { openai: { user: 'y' } } }],
  ['a header', { headers: { 'x-beta': '1' } }],
])('%s makes a difference', (_what, change) => {
  expect(keyOf({ ...REQUEST, ...change })).not.toBe(keyOf(REQUEST));
});

test('the provider and those who share make a difference', () => {
  expect(new Set([keyOf(REQUEST), keyOf(REQUEST, 'q'), keyOf(REQUEST, 'p', 't')]).size).toBe(3);
});

test('how the prompt is made shorter makes a difference', () => {
  const keyWith = (compression?: string) =>
    cacheKey({ provider: 'p', request: REQUEST, scope: 's', compression });
  expect(keyWith('lossless')).not.toBe(keyWith('off'));
  expect(keyWith('off')).toBe(keyWith());
});

test('half a character at the end of a long text makes a difference', () => {
  const keyOfText = (text: string) => keyOf({ ...REQUEST, messages: [{ role: 'system', content: text }] });
  const long = 'x'.repeat(1_000);
  expect(keyOfText(`${long}\ud83d`)).not.toBe(keyOfText(`${long}\ud83e`));
});

test('a byte of an image makes a difference', () => {
  const image = (byte: number): ModelRequest => ({
    model: 'm',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([byte]) } },
        ],
      },
    ],
  });
  expect(new Set(Array.from({ length: 256 }, (_value, byte) => keyOf(image(byte)))).size).toBe(256);
});

test('different JSON has different keys, equal JSON the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const key = (value: unknown) => keyOf({ ...REQUEST, providerOptions: { p: { value } as never } });
      const equal = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      expect(key(one) === key(other)).toBe(equal);
    }),
  );
});

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([key, field]) => [key, sorted(field)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { fields };
};

test('what contains itself has no key', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  expect(keyOf({ ...REQUEST, providerOptions: { p: circular as never } })).toBeUndefined();
});

describe('those who share', () => {
  const ann = { project: 'a', user: 'ann' };
  test.each([
    ['user', ann, { project: 'a', user: 'bob' }, false],
    ['user', ann, { ...ann }, true],
    ['user', { user: 'x' }, { project: 'x' }, false],
    ['project', ann, { project: 'a', user: 'bob' }, true],
    ['project', ann, { project: 'b', user: 'ann' }, false],
    ['shared', ann, {}, true],
    [undefined, ann, { project: 'a', user: 'bob' }, false],
  ] as const)('by %s: %j and %j', (scope, one, other, share) => {
    expect(scopeOf(scope, one) === scopeOf(scope, other)).toBe(share);
  });
});
