import type {
  LanguageModelV4,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { createGateway } from '@millrace/core';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { fromAiSdk, toAiSdk } from './index.js';

const USAGE = {
  inputTokens: { total: 10, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: undefined, reasoning: undefined },
};
const STOP = { unified: 'stop', raw: 'stop' } as const;
const result = (
  content: LanguageModelV4GenerateResult['content'],
  finishReason: LanguageModelV4GenerateResult['finishReason'] = STOP,
): LanguageModelV4GenerateResult => ({ content, finishReason, usage: USAGE, warnings: [] });

describe('a tool loop', () => {
  const weather = tool({
    description: 'The weather.',
    inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } }),
    execute: ({ city }) => `sunny in ${city}`,
    providerOptions: { mock: { cacheControl: { type: 'ephemeral' } } },
  });
  const first: LanguageModelV4GenerateResult = result(
    [
      { type: 'reasoning', text: 'Look.', providerMetadata: { mock: { signature: 'sig-1' } } },
      {
        type: 'tool-call',
        toolCallId: 'v1',
        toolName: 'search',
        input: '{}',
        providerExecuted: true,
        dynamic: true,
      },
      { type: 'tool-result', toolCallId: 'v1', toolName: 'search', result: { hits: 1 }, dynamic: true },
      { type: 'text', text: '', providerMetadata: { mock: { thoughtSignature: 'sig-2' } } },
      { type: 'text', text: 'One moment.', providerMetadata: { mock: { item: 'i' } } },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: '{"city":"Bern"}' },
    ],
    { unified: 'tool-calls', raw: 'tool_use' },
  );
  const second = result([{ type: 'text', text: 'Sunny.' }]);
  const asParts = ({
    content,
    finishReason,
    usage,
  }: LanguageModelV4GenerateResult): LanguageModelV4StreamPart[] => [
    { type: 'stream-start', warnings: [] },
    ...content.flatMap((part, index): LanguageModelV4StreamPart[] => {
      if (part.type !== 'text' && part.type !== 'reasoning') return [part];
      const { type, text, ...rest } = part;
      const id = `${index}`;
      return [
        { type: `${type}-start`, id },
        { type: `${type}-delta`, id, delta: text },
        { type: `${type}-end`, id, ...rest },
      ];
    }),
    { type: 'finish', finishReason, usage },
  ];
  const scripted = (): MockLanguageModelV4 =>
    new MockLanguageModelV4({
      provider: 'mock',
      modelId: 'm',
      doGenerate: [first, second],
      doStream: [first, second].map((one) => ({ stream: ReadableStream.from(asParts(one)) })),
    });
  const behind = (model: MockLanguageModelV4): LanguageModelV4 =>
    toAiSdk(createGateway({ providers: [fromAiSdk(model)] }))('mock:m');

  /** All that the model was asked, and all that the caller got. */
  const observe = async (
    name: 'generateText' | 'streamText',
    wrap: (model: MockLanguageModelV4) => LanguageModelV4,
  ) => {
    const model = scripted();
    const options = {
      model: wrap(model),
      prompt: 'Weather?',
      tools: { weather },
      stopWhen: stepCountIs(3),
      providerOptions: { mock: { effort: 'low' } },
      temperature: 0.5,
    };
    const done = name === 'generateText' ? await generateText(options) : streamText(options);
    const steps = (await done.steps).map(({ content, finishReason, rawFinishReason, usage, warnings }) => ({
      content,
      finishReason,
      rawFinishReason,
      usage,
      warnings,
    }));
    const messages = await done.responseMessages;
    const calls = [...model.doGenerateCalls, ...model.doStreamCalls].map(
      ({ abortSignal: _, ...call }) => call,
    );
    return { calls, steps, messages };
  };

  test.each(['generateText', 'streamText'] as const)(
    'of %s runs as it does with the model itself',
    async (name) => {
      const direct = await observe(name, (model) => model);
      const bridged = await observe(name, behind);
      expect(direct.steps).toHaveLength(2);
      expect(bridged.steps).toEqual(direct.steps);
      expect(bridged.messages).toEqual(direct.messages);
      // `undefined` counts as absent: the AI SDK itself writes both.
      expect(bridged.calls).toEqual(direct.calls.map((call) => ({ ...call, includeRawChunks: undefined })));
      for (const signature of ['sig-1', 'sig-2'])
        expect(JSON.stringify(bridged.calls[1])).toContain(signature);
    },
  );
});
