import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { conversation } from '../../test/conversations.js';
import type { Message } from '../model/message.js';
import { loadTokenizer } from '../tokens/load-tokenizer.js';
import type { Tokenizer } from '../tokens/tokenizer.js';
import {
  type CompressionStage,
  code,
  compress,
  deduplicate,
  expand,
  normalise,
  symbols,
  trim,
} from './index.js';
import { blockNames } from './reference.js';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer('gpt-4o');
});

/** Small limits, so that short conversations reach them. */
const tightTrim = () =>
  trim({
    overTokens: 300,
    stepTokens: 60,
    wholeTurns: 2,
    keptTurns: 4,
    edgeLines: 1,
    landmarks: 2,
    wholeBelow: 80,
  });

/** Every built-in stage alone, and together. */
const PIPELINES: readonly (readonly [string, () => readonly CompressionStage[]])[] = [
  ['normalise', () => [normalise()]],
  ['deduplicate', () => [deduplicate()]],
  ['symbols', () => [symbols()]],
  ['code', () => [code()]],
  ['trim', () => [tightTrim()]],
  ['lossless', () => [normalise(), deduplicate(), symbols()]],
  ['standard', () => [normalise(), trim(), code(), deduplicate(), symbols()]],
  ['aggressive', () => [normalise(), tightTrim(), code(), deduplicate(), symbols()]],
];

const RUNS = { numRuns: 60 };

const newestUser = (messages: readonly Message[]): Message | undefined =>
  messages.findLast(({ role }) => role === 'user');

const callsAndResults = (messages: readonly Message[]): string[] => {
  const open = new Set<string>();
  const unmatched: string[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      for (const part of message.content) if (part.type === 'tool-call') open.add(part.toolCallId);
    }
    if (message.role === 'tool') {
      for (const { toolCallId } of message.content) if (!open.delete(toolCallId)) unmatched.push(toolCallId);
    }
  }
  return [...unmatched, ...open];
};

const keptRegions = (messages: readonly Message[]): string[] => {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string')
      texts.push(...(value.match(/<(context|file)(?=[\s>])(?:(?!<\1[\s>])[\s\S])*?<\/\1>/g) ?? []));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(messages);
  return texts;
};

describe.each(PIPELINES)('%s', (_name, stages) => {
  test('gives the original back, but for white space that it says it changes', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const { messages: shorter, expansions } = compress(messages, { stages: stages(), tokenizer });
        const tidying = stages().filter(({ name }) => name === 'normalise');
        const changesCode = stages().some(({ name }) => name === 'code');
        const whole = expand(shorter, expansions);
        const expected = compress(messages, { stages: tidying, tokenizer }).messages;
        if (changesCode) expect(withoutBlanks(whole)).toEqual(withoutBlanks(expected));
        else expect(whole).toEqual(expected);
      }),
      RUNS,
    );
  });

  test('finds nothing more in what it made', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const once = compress(messages, { stages: stages(), tokenizer }).messages;
        expect(compress(once, { stages: stages(), tokenizer }).messages).toEqual(once);
      }),
      RUNS,
    );
  });

  test('never makes a prompt longer, and reports what it saved', () => {
    fc.assert(
      fc.property(conversation, fc.boolean(), (messages, counted) => {
        const options = counted ? { stages: stages(), tokenizer } : { stages: stages() };
        const { messages: shorter, savings } = compress(messages, options);
        for (const { tokensBefore, tokensAfter, charsBefore, charsAfter, applied, skipped } of savings) {
          expect(skipped).not.toBe('failed');
          expect(applied).toBe(skipped === undefined);
          if (counted) expect(tokensAfter).toBeLessThanOrEqual(tokensBefore ?? 0);
          else {
            expect(charsAfter).toBeLessThanOrEqual(charsBefore);
            expect(tokensBefore).toBeUndefined();
          }
        }
        // Measured anew, from the messages that would be sent.
        const [again] = compress(shorter, { ...options, stages: ['normalise'] }).savings;
        expect(again?.charsBefore).toBe(savings.at(-1)?.charsAfter);
        expect(again?.tokensBefore).toBe(savings.at(-1)?.tokensAfter);
      }),
      RUNS,
    );
  });

  test('keeps calls with their results, the newest user message, instructions, kept tags and signed parts', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const shorter = compress(messages, { stages: stages(), tokenizer }).messages;
        expect(callsAndResults(shorter)).toEqual([]);
        expect(newestUser(shorter)).toEqual(newestUser(messages));
        const instructions = (all: readonly Message[]) => all.filter(({ role }) => role === 'system');
        expect(instructions(shorter)).toEqual(instructions(messages));
        const signedLeft = shorter.filter((message) => JSON.stringify(message).includes('signature-'));
        for (const message of signedLeft) expect(messages).toContainEqual(message);
        if (!stages().some(({ name }) => name === 'trim')) {
          expect(shorter).toHaveLength(messages.length);
          expect(keptRegions(shorter)).toEqual(keptRegions(messages));
        }
      }),
      RUNS,
    );
  });

  test('parts no character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^x?(🎉|世){250,300}$/u), { minLength: 4, maxLength: 6 }),
        (texts) => {
          const outputs = [...texts, ...texts];
          const messages = outputs.flatMap((value, index): Message[] => {
            const toolCallId = `call-${index}`;
            const output = { type: 'text', value } as const;
            return [
              { role: 'assistant', content: [{ type: 'tool-call', toolCallId, toolName: 'run', input: {} }] },
              { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName: 'run', output }] },
            ];
          });
          const shorter = compress(messages, { stages: stages() }).messages;
          expect(JSON.stringify(shorter)).not.toMatch(/\\ud[89a-f]/);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('leaves what it is given unchanged, and does the same each time', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const before = structuredClone(messages);
        const first = compress(messages, { stages: stages(), tokenizer });
        expect(messages).toEqual(before);
        expect(compress(messages, { stages: stages(), tokenizer })).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });
});

/** What is left when white space, and the numbers of empty lines, do not count. */
const withoutBlanks = (messages: readonly Message[]): unknown =>
  JSON.parse(
    JSON.stringify(messages, (_key, value: unknown) =>
      typeof value === 'string' ? value.replace(/^\s*\d{1,7}[→:|\t]\s*$/gm, '').replace(/\s/g, '') : value,
    ),
  );

describe('a conversation that grows', () => {
  const growing = (stages: () => readonly CompressionStage[]) =>
    fc.property(conversation, (messages) => {
      for (let length = 1; length < messages.length; length++) {
        const shorter = compress(messages.slice(0, length), { stages: stages(), tokenizer }).messages;
        const longer = compress(messages.slice(0, length + 1), { stages: stages(), tokenizer }).messages;
        const newest = messages.slice(0, length).findLastIndex(({ role }) => role === 'user');
        for (let index = 0; index < length; index++) {
          // The newest user message is kept whole, and may be shortened when it is no longer the newest.
          if (index !== newest) expect(longer[index]).toEqual(shorter[index]);
        }
      }
    });

  test('keeps its compressed prefix, byte by byte (lossless)', () => {
    fc.assert(
      growing(() => [normalise(), deduplicate(), symbols()]),
      { numRuns: 40 },
    );
  });

  test('keeps its compressed prefix, byte by byte (standard, below the limit)', () => {
    fc.assert(
      growing(() => [normalise(), trim(), code(), deduplicate(), symbols()]),
      { numRuns: 40 },
    );
  });

  test('is cut rarely: each time the prefix breaks, that saves a whole step', () => {
    const stepTokens = 60;
    const total = (messages: readonly Message[]): number =>
      compress(messages, { stages: [normalise()], tokenizer }).savings[0]?.tokensAfter ?? 0;
    fc.assert(
      fc.property(conversation, (messages) => {
        let before: readonly Message[] = [];
        let newest = -1;
        let breaks = 0;
        for (let length = 1; length <= messages.length; length++) {
          const prompt = messages.slice(0, length);
          const shorter = compress(prompt, { stages: [normalise(), tightTrim()], tokenizer }).messages;
          const same = before.every(
            (message, index) =>
              index === newest || JSON.stringify(message) === JSON.stringify(shorter[index]),
          );
          if (!same) breaks++;
          before = shorter;
          newest = prompt.findLastIndex(({ role }) => role === 'user');
        }
        expect(breaks * stepTokens).toBeLessThanOrEqual(total(messages));
      }),
      { numRuns: 40 },
    );
  });

  test('changes a user message that tools answered never again', () => {
    const view = Array.from(
      { length: 12 },
      (_, line) => `${line + 1}: const value = compute(${'abcdefghijkl'[line]}, ${line ** 3});`,
    ).join('\n');
    const ask = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
    const call: Message = {
      role: 'assistant',
      content: [{ type: 'tool-call', toolCallId: 'a', toolName: 'read', input: {} }],
    };
    const result: Message = {
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: 'a', toolName: 'read', output: { type: 'text', value: 'done' } },
      ],
    };
    const say: Message = { role: 'assistant', content: [{ type: 'text', text: 'Done.' }] };
    const messages = [ask(view), say, ask(view), call, result, say, ask('Thank you.')];
    expect(compress(messages, { stages: ['deduplicate'] }).messages).toEqual(messages);
    const talk = [ask(view), say, ask(view), say, ask('Thank you.')];
    expect(compress(talk, { stages: ['deduplicate'] }).messages[2]).not.toEqual(talk[2]);
  });
});

test('what a reference is called does not depend on what comes later', () => {
  const listing = (seed: number): string =>
    [...'abcdefgh'].map((letter) => `${letter} is in ${seed} and ${letter.repeat(9)}`).join('\n');
  const program = (seed: number): string =>
    [...'abcdefgh'].map((letter) => `const ${letter} = ${seed} * ${letter.repeat(9)};`).join('\n');
  const seeds = Array.from({ length: 4_000 }, (_, seed) => seed);
  const listings = new Map(seeds.map((seed) => [blockNames()(listing(seed)), listing(seed)]));
  const later = seeds.map(program).find((text) => listings.has(blockNames()(text))) ?? '';
  const earlier = listings.get(blockNames()(later)) ?? '';
  const said = (role: 'user' | 'assistant', text: string): Message => ({
    role,
    content: [{ type: 'text', text }],
  });
  const before = [
    ...[earlier, earlier].flatMap((text) => [said('user', text), said('assistant', 'Yes.')]),
    said('user', 'And now?'),
  ];
  const after = [
    ...before,
    ...[later, later].flatMap((text) => [
      said('assistant', `\`\`\`ts\n${text}\n\`\`\``),
      said('user', 'Again.'),
    ]),
  ];
  const short = compress(before, { stages: ['code', 'deduplicate'] });
  const long = compress(after, { stages: ['code', 'deduplicate'] });
  expect(long.expansions.map(({ kind }) => kind)).toEqual(['block', 'code']);
  expect(long.messages.slice(0, before.length)).toEqual(short.messages);
});

test('a tokenizer may be an object that counts with what it knows itself', () => {
  const quarters: Tokenizer & { readonly size: number } = {
    name: 'quarters',
    approximate: true,
    size: 4,
    count(text) {
      return Math.ceil(text.length / this.size);
    },
  };
  const { savings } = compress([{ role: 'system', content: '12345678' }], { tokenizer: quarters });
  expect(savings[0]?.tokensBefore).toBe(2);
});

describe('a stage that fails', () => {
  const repeated: Message[] = ['a', 'b'].flatMap((toolCallId): Message[] => [
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId, toolName: 'run', input: {} }] },
    {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId,
          toolName: 'run',
          output: { type: 'text', value: 'a line of output\n'.repeat(20) },
        },
      ],
    },
  ]);

  test('is passed by, and says so; the others run', () => {
    const error = new Error('out of order');
    const broken: CompressionStage = {
      name: 'broken',
      run: () => {
        throw error;
      },
    };
    const { savings, messages } = compress(repeated, { stages: [broken, 'deduplicate'], tokenizer });
    expect(savings).toMatchObject([
      { stage: 'broken', applied: false, skipped: 'failed', error },
      { stage: 'deduplicate', applied: true },
    ]);
    expect(savings[1]?.tokensAfter).toBeLessThan(savings[1]?.tokensBefore ?? 0);
    expect(messages).not.toEqual(repeated);
  });

  test('is passed by where it would make the prompt longer', () => {
    const longer: CompressionStage = {
      name: 'longer',
      run: (draft) =>
        draft.map((entry) => ({
          ...entry,
          slots: entry.slots.map((slot) => ({ ...slot, pieces: [...slot.pieces, ' and more'] })),
        })),
    };
    const { savings, messages, expansions } = compress(repeated, { stages: [longer], tokenizer });
    expect(savings).toMatchObject([{ stage: 'longer', applied: false, skipped: 'longer' }]);
    expect(savings[0]?.tokensAfter).toBe(savings[0]?.tokensBefore);
    expect(messages).toEqual(repeated);
    expect(expansions).toEqual([]);
  });

  test('is passed by where it returns what is no draft', () => {
    const odd: CompressionStage = { name: 'odd', run: () => JSON.parse('[{}]') };
    const { savings, messages } = compress(repeated, { stages: [odd], tokenizer });
    expect(savings).toMatchObject([{ skipped: 'failed', applied: false }]);
    expect(messages).toEqual(repeated);
  });

  test('is passed by where the tokenizer throws, as all are', () => {
    const broken: Tokenizer = {
      name: 'broken',
      approximate: true,
      count() {
        throw new Error('no words');
      },
    };
    const { messages, savings, expansions } = compress(repeated, { preset: 'lossless', tokenizer: broken });
    expect(messages).toEqual(repeated);
    expect(expansions).toEqual([]);
    expect(savings).toHaveLength(3);
    for (const saving of savings)
      expect(saving).toMatchObject({ applied: false, skipped: 'failed', error: new Error('no words') });
  });

  test('must exist', () => {
    const unknown: string = 'medium';
    expect(() => compress(repeated, { preset: unknown as 'off' })).toThrow('must be off, lossless');
    expect(() => compress(repeated, { stages: [unknown as 'trim'] })).toThrow('must be normalise, trim');
  });

  test('does not matter where everything is off', () => {
    expect(compress(repeated, { preset: 'off' })).toEqual({
      messages: repeated,
      savings: [],
      expansions: [],
    });
  });
});
