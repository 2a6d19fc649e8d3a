import type { LanguageModelV4, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import { createGateway } from '@millrace/core';
import { MockLanguageModelV4 } from 'ai/test';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromAiSdk, toAiSdk } from './index.js';
import { calls, results, streams } from './sdk-arbitraries.test-support.js';

/** The model itself, and the same model behind a gateway. */
const bothWays = (
  answer: Partial<Pick<LanguageModelV4, 'doGenerate' | 'doStream'>>,
): { model: MockLanguageModelV4; behind: LanguageModelV4 } => {
  const model = new MockLanguageModelV4({ provider: 'mock', modelId: 'm', ...answer });
  const gateway = createGateway({ providers: [fromAiSdk(model)] });
  return { model, behind: toAiSdk(gateway).languageModel('mock:m') };
};

/** What a caller of a model sees of a part or a result; what the gateway adds of its own is left out. */
const seen = <Value extends object>(value: Value): Value => {
  const { providerMetadata, ...rest } = value as { providerMetadata?: Record<string, unknown> };
  const { millrace: _, ...metadata } = providerMetadata ?? {};
  return {
    ...rest,
    ...(Object.keys(metadata).length > 0 && { providerMetadata: metadata }),
  } as Value;
};

const readAll = async <Part>(stream: ReadableStream<Part>): Promise<Part[]> => {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
};

const ANSWER: LanguageModelV4GenerateResult = {
  content: [],
  finishReason: { unified: 'stop', raw: undefined },
  usage: {
    inputTokens: { total: 1, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 1, text: undefined, reasoning: undefined },
  },
  warnings: [],
};

describe('a model of the AI SDK behind a gateway', () => {
  test('is called with what the caller said', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (called) => {
        const { model, behind } = bothWays({ doGenerate: async () => ANSWER });
        const { warnings: told } = await behind.doGenerate(called);
        const { abortSignal, ...received } = model.doGenerateCalls[0]!;
        expect(abortSignal).toBeInstanceOf(AbortSignal);
        expect(received).toEqual(called);
        expect(told).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('answers whole as it does by itself', async () => {
    await fc.assert(
      fc.asyncProperty(results, async (given) => {
        const { behind } = bothWays({ doGenerate: async () => given });
        const got = await behind.doGenerate({ prompt: [{ role: 'user', content: [] }] });
        // The gateway names the model in any case.
        expect({ ...seen(got), content: got.content.map(seen) }).toEqual({
          ...given,
          response: { modelId: 'm', ...given.response },
        });
      }),
      { numRuns: 300 },
    );
  });

  test('streams as it does by itself, part by part', async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (parts) => {
        const { behind } = bothWays({
          doStream: async () => ({ stream: ReadableStream.from(parts) }),
        });
        const { stream: got } = await behind.doStream({ prompt: [{ role: 'user', content: [] }] });
        expect((await readAll(got)).map(seen)).toEqual(parts);
      }),
      { numRuns: 300 },
    );
  });
});
