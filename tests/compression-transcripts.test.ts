// The compressor on recorded conversations, as they grew turn by turn. The recordings are not part of the repository:
// without ../shared/data/transcripts these tests are left out.
import type { Message } from '@millrace/core';
import {
  type CompressionPreset,
  compress,
  expand,
  normalise,
  presetStages,
} from '@millrace/core/compression';
import { loadTokenizer, type Tokenizer } from '@millrace/core/tokens';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasTranscripts, readTranscripts, type Transcript, toolShare } from './support/transcripts.ts';

const transcripts = readTranscripts();
const PRESETS: readonly CompressionPreset[] = ['lossless', 'standard', 'aggressive'];

let tokenizer: Tokenizer;
beforeAll(async () => {
  const { name, approximate, count } = await loadTokenizer('gpt-4o');
  const counts = new Map<string, number>();
  // The same texts are counted at each turn.
  const remembered = (text: string): number => {
    const known = counts.get(text) ?? count(text);
    counts.set(text, known);
    return known;
  };
  tokenizer = { name, approximate, count: remembered };
});

/** The conversation as it was each time the model was asked, and at the end. */
const prompts = ({ messages }: Transcript): Message[][] =>
  messages
    .flatMap((message, index) =>
      message.role === 'assistant' || index === messages.length - 1
        ? [messages.slice(0, message.role === 'assistant' ? index : index + 1)]
        : [],
    )
    .filter(({ length }) => length > 0);

const describeTranscripts = describe.skipIf(!hasTranscripts);

describeTranscripts('recorded conversations (left out where ../shared/data is not there)', () => {
  describe.each(transcripts)('$name', (transcript) => {
    test.each(PRESETS)('%s keeps every invariant at every turn', (preset) => {
      for (const prompt of prompts(transcript)) {
        const { messages, savings, expansions } = compress(prompt, { preset, tokenizer });
        for (const { tokensBefore = 0, tokensAfter = 0, skipped } of savings) {
          expect(skipped).not.toBe('failed');
          expect(tokensAfter).toBeLessThanOrEqual(tokensBefore);
        }
        expect(messages.findLast(isUser)).toEqual(prompt.findLast(isUser));
        expect(messages.filter(isSystem)).toEqual(prompt.filter(isSystem));
        expect(unmatchedCalls(messages)).toEqual(unmatchedCalls(prompt));
        for (const message of messages.filter(isSigned)) expect(prompt).toContainEqual(message);
        expect(compress(messages, { preset, tokenizer }).messages).toEqual(messages);
        const tidied = compress(prompt, { stages: [normalise()], tokenizer }).messages;
        expect(plain(expand(messages, expansions), preset)).toEqual(plain(tidied, preset));
      }
    });

    test('every identifier, number and URL is there, or behind a reference (lossless)', () => {
      const { messages, expansions } = compress(transcript.messages, { preset: 'lossless', tokenizer });
      expect(words(expand(messages, expansions))).toEqual(words(transcript.messages));
      for (const expansion of expansions) {
        if (expansion.kind === 'block') {
          // Lines that are referred to stand above, at least by their words.
          const above = JSON.stringify(messages.slice(0, expansion.message + 1));
          const first =
            expansion.text
              .split('\n')
              .map((line) => /[A-Za-z_]{6,}/.exec(line)?.[0])
              .find(Boolean) ?? '';
          expect(above).toContain(first);
        }
      }
    });

    test.each(['lossless', 'standard'] as const)('%s keeps the prefix byte by byte', (preset) => {
      let before: readonly Message[] = [];
      let newest = -1;
      for (const prompt of prompts(transcript)) {
        const { messages } = compress(prompt, { preset, tokenizer });
        before.forEach((message, index) => {
          if (index !== newest) expect(messages[index]).toEqual(message);
        });
        before = messages;
        newest = prompt.findLastIndex(isUser);
      }
    });

    test.each(PRESETS)("%s never costs more than the vendor's prompt cache alone would", (preset) => {
      const price = { input: 3, cacheRead: 0.3, cacheWrite: 3.75 };
      const costOf = (grown: readonly (readonly Message[])[]): number => {
        let cost = 0;
        let before: readonly string[] = [];
        for (const prompt of grown) {
          const texts = prompt.map((message) => JSON.stringify(message));
          const changed = before.findIndex((text, index) => text !== texts[index]);
          const cached = changed < 0 ? before.length : changed;
          for (const [index, text] of texts.entries())
            cost += tokenizer.count(text) * (index < cached ? price.cacheRead : price.cacheWrite);
          before = texts;
        }
        return cost;
      };
      const grown = prompts(transcript);
      const shorter = grown.map((prompt) => compress(prompt, { preset, tokenizer, price }).messages);
      expect(costOf(shorter)).toBeLessThanOrEqual(costOf(grown));
    });

    test('cuts are rare (aggressive): most prompts keep the prefix of the one before', () => {
      let before: readonly Message[] = [];
      let newest = -1;
      let cuts = 0;
      const grown = prompts(transcript);
      for (const prompt of grown) {
        const { messages } = compress(prompt, { preset: 'aggressive', tokenizer });
        const kept = before.every(
          (message, index) => index === newest || JSON.stringify(messages[index]) === JSON.stringify(message),
        );
        if (!kept) cuts++;
        before = messages;
        newest = prompt.findLastIndex(isUser);
      }
      expect(cuts).toBeLessThanOrEqual(Math.ceil(grown.length / 2));
    });
  });

  test('tool-heavy ones lose at least 20 % of their tokens losslessly and 45 % aggressively, on average', () => {
    const heavy = transcripts.filter((transcript) => toolShare(transcript) >= 0.5);
    expect(heavy.length).toBeGreaterThanOrEqual(5);
    const saving = (preset: CompressionPreset): number => {
      const shares = heavy.map(({ messages }) => {
        const { savings } = compress(messages, { preset, tokenizer });
        return 1 - (savings.at(-1)?.tokensAfter ?? 0) / (savings[0]?.tokensBefore ?? 1);
      });
      return shares.reduce((sum, share) => sum + share, 0) / shares.length;
    };
    expect(saving('lossless')).toBeGreaterThanOrEqual(0.2);
    expect(saving('aggressive')).toBeGreaterThanOrEqual(0.45);
  });

  test('long ones are cut by the standard preset too, and keep every invariant', () => {
    // Several recordings one after the other, with their calls told apart, are longer than 50,000 tokens.
    const long = transcripts.flatMap(({ messages }, index) =>
      retold(
        messages.filter((message) => !isSystem(message)),
        index,
      ),
    );
    const { messages, savings, expansions } = compress(long, { preset: 'standard', tokenizer });
    expect(savings.find(({ stage }) => stage === 'trim')?.applied).toBe(true);
    expect(unmatchedCalls(messages)).toEqual(unmatchedCalls(long));
    expect(messages.findLast(isUser)).toEqual(long.findLast(isUser));
    const tidied = compress(long, { stages: presetStages('lossless').slice(0, 1), tokenizer }).messages;
    expect(plain(expand(messages, expansions), 'standard')).toEqual(plain(tidied, 'standard'));
    expect(compress(messages, { preset: 'standard', tokenizer }).messages).toEqual(messages);
  });
});

const isUser = ({ role }: Message): boolean => role === 'user';
const isSystem = ({ role }: Message): boolean => role === 'system';
const isSigned = (message: Message): boolean =>
  message.role === 'assistant' && message.content.some(({ type }) => type === 'reasoning');

const unmatchedCalls = (messages: readonly Message[]): string[] => {
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'assistant') {
      for (const part of message.content) if (part.type === 'tool-call') open.add(part.toolCallId);
    } else if (message.role === 'tool') {
      for (const { toolCallId } of message.content)
        if (!open.delete(toolCallId)) open.add(`no call: ${toolCallId}`);
    }
  }
  return [...open];
};

/** All that is more than a sign or two, in order. */
const words = (value: unknown): string[] => {
  if (typeof value === 'string') return value.match(/[\w./-]{2,}/g) ?? [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(words) : [];
};

/** As it is, or without what `code` says it drops: white space, and numbered lines that are empty. */
const plain = (messages: readonly Message[], preset: CompressionPreset): unknown =>
  preset === 'lossless'
    ? messages
    : JSON.parse(
        JSON.stringify(messages, (_key, value: unknown) =>
          typeof value === 'string'
            ? value.replace(/^\s*\d{1,7}[→:|\t]\s*$/gm, '').replace(/\s/g, '')
            : value,
        ),
      );

const retold = (messages: readonly Message[], index: number): Message[] =>
  JSON.parse(JSON.stringify(messages), (key, value: unknown) =>
    key === 'toolCallId' ? `${index}-${value}` : value,
  );
