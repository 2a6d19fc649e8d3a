import { existsSync, readFileSync } from 'node:fs';
import type { ModelEvent } from '@millrace/core/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { replyOf as fold } from '../../test/answers.js';
import { readJsonLines } from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';

const RECORDED = new URL('../../../../../shared/data/wire/ollama/', import.meta.url);

describe.skipIf(!existsSync(RECORDED))(
  'recorded answers (left out where ../shared/data is not there)',
  () => {
    const bodyOf = (name: string): string => {
      const { interactions } = parse(readFileSync(new URL(name, RECORDED), 'utf8'));
      return interactions[0].response.body.string;
    };
    const newReader = () =>
      createAnswerReader({ failure: { provider: 'ollama', model: 'm' }, header: () => null, warnings: [] });
    const readPieces = async (pieces: readonly Uint8Array[]): Promise<ModelEvent[]> => {
      const reader = newReader();
      async function* body() {
        yield* pieces;
      }
      for await (const texts of readJsonLines({ body: body() })) reader.add(texts);
      reader.end(false);
      return [...reader.take()];
    };

    test.each(['test_ollama_chat_legacy.yaml', 'test_ollama_chat_tool_calls_legacy.yaml'])('%s', (name) => {
      const reader = newReader();
      reader.add([bodyOf(name)]);
      reader.end(true);
      const reply = fold(reader.take());
      expect(reply.usage.inputTokens.total).toBeGreaterThan(0);
      expect(reply.text.length + reply.toolCalls.length).toBeGreaterThan(0);
    });

    test('a stream gives the same however its bytes are split', async () => {
      const bytes = Buffer.from(bodyOf('test_ollama_async_streaming_chat_legacy.yaml'));
      const expected = await readPieces([bytes]);
      expect(fold(expected).text.length).toBeGreaterThan(10);
      for (let at = 1; at < Math.min(bytes.length, 1_200); at++)
        expect(await readPieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 30 }),
          async (cuts) => {
            const places = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
            const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
            expect(await readPieces(pieces)).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    });
  },
);
