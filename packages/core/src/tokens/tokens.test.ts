import { describe, expect, test } from 'vitest';
import type { FilePart, TextPart } from '../model/message.js';
import type { ModelRequest } from '../model/model-request.js';
import { estimateRequestTokens, loadTokenizer } from './index.js';

describe('the tokenizer of a model', () => {
  test.each([
    ['gpt-4o-mini', 'o200k_base', false],
    ['gpt-4.1', 'o200k_base', false],
    ['gpt-5.2', 'o200k_base', false],
    ['o3', 'o200k_base', false],
    ['openai/gpt-oss-120b', 'o200k_base', false],
    ['gpt-4-turbo', 'cl100k_base', false],
    ['text-embedding-3-small', 'cl100k_base', false],
    ['claude-opus-4-8', 'o200k_base', true],
    ['llama3.2', 'o200k_base', true],
  ])('%s', async (model, name, approximate) => {
    expect(await loadTokenizer(model)).toMatchObject({ name, approximate });
  });

  test('counts as the vendor does', async () => {
    const o200k = await loadTokenizer('gpt-4o');
    const cl100k = await loadTokenizer('gpt-4');
    // Counted by the vendor's own library.
    expect(o200k.count('hello world')).toBe(2);
    expect(cl100k.count('hello world')).toBe(2);
    expect(o200k.count('')).toBe(0);
    expect(o200k.count('Grüße aus Zürich, 世界!')).toBeLessThan(cl100k.count('Grüße aus Zürich, 世界!') + 1);
    // A mark of a conversation in a text is text.
    expect(o200k.count('<|endoftext|>')).toBeGreaterThan(1);
  });

  test('counts the same however much it counted before', async () => {
    const { count } = await loadTokenizer('gpt-5.2');
    const words = (first: number): string =>
      Array.from({ length: 5_000 }, (_, word) => `wörd${first + word}x`).join(' ');
    const before = count(words(0));
    for (let first = 0; first < 100_000; first += 5_000) count(words(first));
    expect(count(Array.from({ length: 6 }, () => words(0)).join('\n'))).toBeGreaterThan(before * 5);
    expect(count(words(0))).toBe(before);
  });

  test('counts long runs without spaces in bounded time, and nearly the same', async () => {
    const { count } = await loadTokenizer('gpt-4o');
    for (const letter of ['a', '=', ' ', '世', '\ud800']) {
      const parts = count(letter.repeat(900));
      const whole = count(letter.repeat(90_000));
      expect(Math.abs(whole - parts * 100)).toBeLessThanOrEqual(parts * 100 * 0.25 + 100);
    }
  });
});

test('a request counts its texts, its tools and its frame', async () => {
  const { count } = await loadTokenizer('gpt-4o');
  const request: ModelRequest = {
    model: 'gpt-4o',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Name a river of Switzerland.' }] }],
  };
  const plain = estimateRequestTokens(request, count);
  expect(plain).toBe(count('Name a river of Switzerland.') + 4);
  const tool = { type: 'function', name: 'look', inputSchema: { type: 'object' } } as const;
  expect(estimateRequestTokens({ ...request, tools: [tool] }, count)).toBeGreaterThan(plain);
});

test('a file that a tool gave counts as any other file, however large it is', () => {
  const withResult = (value: readonly (TextPart | FilePart)[]): ModelRequest => ({
    model: 'm',
    messages: [
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c', toolName: 'look', output: { type: 'content', value } },
        ],
      },
    ],
  });
  const image = (data: Uint8Array | string): FilePart => ({
    type: 'file',
    mediaType: 'image/png',
    data: { type: 'data', data },
  });
  const none = estimateRequestTokens(withResult([]));
  for (const data of [new Uint8Array(100_000), 'A'.repeat(100_000)])
    expect(estimateRequestTokens(withResult([image(data)]))).toBe(none + 765);
  expect(estimateRequestTokens(withResult([{ type: 'text', text: 'One two three.' }]))).toBeLessThan(
    none + 10,
  );
});
