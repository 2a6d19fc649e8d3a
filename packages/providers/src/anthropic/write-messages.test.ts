import type { AssistantPart, JsonObject, Message } from '@millrace/core/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anthropicTraits } from './model-traits.js';
import { writeRequest } from './write-request.js';

const user = (...texts: string[]): Message => ({
  role: 'user',
  content: texts.map((text) => ({ type: 'text', text })),
});
const assistant = (...content: (AssistantPart | string)[]): Message => ({
  role: 'assistant',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const call = (toolCallId: string): AssistantPart => ({
  type: 'tool-call',
  toolCallId,
  toolName: 'look',
  input: {},
});
const messagesOf = (...messages: Message[]): JsonObject[] => {
  const model = 'claude-sonnet-4-5';
  const { body } = writeRequest({ model, messages }, 'anthropic', anthropicTraits(model), false);
  return body['messages'] as JsonObject[];
};

test('any history becomes one that the vendor accepts', () => {
  const ids = fc.constantFrom('a', 'b', 'c|d');
  const text = fc.constantFrom('', ' ', 'x ', 'hello');
  const message = fc.oneof(
    text.map((value): Message => ({ role: 'system', content: value })),
    fc.array(text, { minLength: 1, maxLength: 2 }).map((texts): Message => user(...texts)),
    fc
      .tuple(fc.array(text, { maxLength: 2 }), fc.uniqueArray(ids, { maxLength: 3 }))
      .map(([texts, calls]): Message => assistant(...texts, ...calls.map((id) => call(id)))),
    fc.uniqueArray(ids, { minLength: 1, maxLength: 3 }).map(
      (results): Message => ({
        role: 'tool',
        content: results.map((toolCallId) => ({
          type: 'tool-result',
          toolCallId,
          toolName: 'look',
          output: { type: 'text', value: 'v' },
        })),
      }),
    ),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const written = messagesOf(...messages);
      let pending: unknown[] = [];
      for (const [index, { role, content }] of written.entries()) {
        if (index > 0) expect(role).not.toBe(written[index - 1]?.['role']);
        const blocks = content as JsonObject[];
        expect(blocks.length).toBeGreaterThan(0);
        for (const block of blocks)
          if (block['type'] === 'text') expect(String(block['text']).trim()).not.toBe('');
        const results = blocks.filter(({ type }) => type === 'tool_result').map((one) => one['tool_use_id']);
        expect(new Set(results)).toEqual(new Set(pending));
        const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result');
        if (firstOther !== -1)
          expect(blocks.slice(firstOther).every(({ type }) => type !== 'tool_result')).toBe(true);
        pending = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
      }
      expect(pending).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
