import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { Warning } from '@millrace/core/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { promptIn } from './prompt-in.js';
import { promptOut } from './prompt-out.js';

describe('a conversation', () => {
  const options = fc.option(fc.constant({ acme: { k: 1 } }), { nil: undefined });
  const withOptions = <Part extends object>(part: fc.Arbitrary<Part>) =>
    fc
      .tuple(part, options)
      .map(([value, providerOptions]) => (providerOptions ? { ...value, providerOptions } : value));
  const text = withOptions(
    fc.record({ type: fc.constant('text' as const), text: fc.string({ minLength: 1 }) }),
  );
  const file = withOptions(
    fc.record({
      type: fc.constant('file' as const),
      mediaType: fc.constantFrom('image/png', 'application/pdf', 'image/*'),
      data: fc.oneof(
        fc.record({ type: fc.constant('data' as const), data: fc.uint8Array() }),
        fc.record({ type: fc.constant('data' as const), data: fc.base64String() }),
        fc.record({ type: fc.constant('url' as const), url: fc.webUrl().map((url) => new URL(url)) }),
        fc.record({ type: fc.constant('reference' as const), reference: fc.constant({ acme: 'f' }) }),
      ),
    }),
  );
  const id = fc.string({ minLength: 1 });
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
  const output = fc.oneof(
    fc.record({ type: fc.constantFrom('text' as const, 'error-text' as const), value: fc.string() }),
    fc.record({ type: fc.constantFrom('json' as const, 'error-json' as const), value: json }),
    fc.constant({ type: 'execution-denied' as const, reason: 'No.' }),
    fc.record({
      type: fc.constant('content' as const),
      value: fc.array(fc.oneof(text, file), { maxLength: 3 }),
    }),
  );
  const result = withOptions(
    fc.record({ type: fc.constant('tool-result' as const), toolCallId: id, toolName: id, output }),
  );
  const call = withOptions(
    fc.record({ type: fc.constant('tool-call' as const), toolCallId: id, toolName: id, input: json }),
  );
  const ranItself = call.map((part) => ({ ...part, providerExecuted: true }));
  const reasoning = withOptions(fc.record({ type: fc.constant('reasoning' as const), text: fc.string() }));
  const custom = withOptions(fc.constant({ type: 'custom' as const, kind: 'acme.thing' as const }));
  const jsonResult = result.filter((part) => part.output.type !== 'content');
  const message = fc.oneof(
    withOptions(fc.record({ role: fc.constant('system' as const), content: fc.string() })),
    withOptions(
      fc.record({
        role: fc.constant('user' as const),
        content: fc.array(fc.oneof(text, file), { minLength: 1 }),
      }),
    ),
    withOptions(
      fc.record({
        role: fc.constant('assistant' as const),
        content: fc.array(fc.oneof(text, file, reasoning, custom, call, ranItself, jsonResult), {
          minLength: 1,
        }),
      }),
    ),
    withOptions(
      fc.record({ role: fc.constant('tool' as const), content: fc.array(result, { minLength: 1 }) }),
    ),
  );

  test('comes back as it was, without a warning', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (prompt) => {
        const warnings: Warning[] = [];
        const there = promptIn(prompt as LanguageModelV4Prompt, (warning) => void warnings.push(warning));
        expect(promptOut(there)).toEqual(prompt);
        expect(warnings).toEqual([]);
      }),
    );
  });
});
