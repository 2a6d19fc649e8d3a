import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDeltaTemplate } from './delta-template.js';

const chunk = (content: string, extra: object = {}): string =>
  JSON.stringify({
    id: 'x',
    model: 'm',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
    usage: null,
    ...extra,
  });

const learnt = (payload: string) => {
  const template = createDeltaTemplate();
  template.learn(payload, JSON.parse(payload));
  return template;
};

test('a chunk that differs only in its text is read without parsing, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (first, second) => {
      const read = learnt(chunk(first)).match(chunk(second));
      expect([undefined, second]).toContain(read);
    }),
  );
  expect(learnt(chunk('Hello')).match(chunk(' wörld'))).toBe(' wörld');
  expect(learnt(chunk('Hello')).match(chunk(''))).toBe('');
});

test('text that is escaped is left to the parser', () => {
  for (const text of ['a "quote"', 'a\nline', 'back\\slash', '\u0001']) {
    expect(learnt(chunk('Hello')).match(chunk(text))).toBeUndefined();
  }
});

test('JSON with spaces after its colons is read too', () => {
  const spaced = (text: string): string =>
    `{"id": "x", "choices": [{"index": 0, "delta": {"content": "${text}"}}]}`;
  expect(learnt(spaced('Hello')).match(spaced('world'))).toBe('world');
});

test.each([
  ['another id', chunk('world', { id: 'y' })],
  ['usage', chunk('world', { usage: { prompt_tokens: 1 } })],
  ['an error', chunk('world', { error: { message: 'no' } })],
  ['a finish reason', chunk('world').replace('"finish_reason":null', '"finish_reason":"stop"')],
  ['a tool call', chunk('world').replace('"content":"world"', '"content":"world","tool_calls":[]')],
])('a chunk with %s is left to the parser', (_what, payload) => {
  expect(learnt(chunk('Hello')).match(payload)).toBeUndefined();
});

test.each([
  ['a finish reason', { choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }] }],
  ['reasoning', { choices: [{ index: 0, delta: { content: 'Hello', reasoning_content: 'hm' } }] }],
  ['log probabilities', { choices: [{ index: 0, delta: { content: 'Hello' }, logprobs: { content: [] } }] }],
  ['usage', { choices: [{ index: 0, delta: { content: 'Hello' } }], usage: {} }],
  ['another answer', { choices: [{ index: 1, delta: { content: 'Hello' } }] }],
  ['the key twice', { choices: [{ index: 0, delta: { content: 'Hello' }, note: { content: 'Hello' } }] }],
])('a chunk with %s is not taken as a template', (_what, completion) => {
  const payload = JSON.stringify(completion);
  expect(learnt(payload).match(payload)).toBeUndefined();
});
