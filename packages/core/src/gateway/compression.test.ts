import { describe, expect, test } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
import { failureOf, play, scriptedProvider, textAnswer } from '../../test/scripted-provider.js';
import type { MessageInput } from '../model/message.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';

const FILE = Array.from(
  { length: 120 },
  (_, line) => `export const value${line} = compute(${line}, "name-${line}");`,
).join('\n');
const call = (id: string): MessageInput => ({
  role: 'assistant',
  content: [{ type: 'tool-call', toolCallId: id, toolName: 'read', input: { path: 'a.ts' } }],
});
const result = (id: string): MessageInput => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId: id, toolName: 'read', output: { type: 'text', value: FILE } }],
});
/** The same file read twice. */
const MESSAGES: readonly MessageInput[] = [
  { role: 'user', content: 'Look at the file.' },
  call('1'),
  result('1'),
  call('2'),
  result('2'),
  { role: 'user', content: 'What does it export?' },
];

const words = (seed: number): string =>
  Array.from(
    { length: 150 },
    (_, at) =>
      `${['river', 'stone', 'cloud', 'maple', 'engine'][(seed * 7 + at * at) % 5]}${(seed * 31 + at * 17) % 97}`,
  ).join(' ');

const setUp = (options: GatewayOptions = {}) => {
  const provider = scriptedProvider(play(textAnswer('values')));
  return { provider, gateway: createGateway({ providers: [provider], compression: {}, ...options }) };
};
const ask = { model: 'scripted:one', messages: MESSAGES };

describe('a long prompt', () => {
  test('goes to the model shorter, and the record says by how much and by which stage', async () => {
    const { gateway, provider } = setUp();
    const reply = await gateway.chat(ask);
    const sent = JSON.stringify(provider.calls[0]?.messages);
    expect(sent.length).toBeLessThan(JSON.stringify(MESSAGES).length * 0.7);
    expect(sent).toContain('What does it export?');
    const record = await recordOf(gateway);
    const { tokensBeforeCompression: before, tokensAfterCompression: after } = record;
    expect(reply.tokensSaved).toBe((before ?? 0) - (after ?? 0));
    expect(reply.tokensSaved).toBeGreaterThan(500);
    expect(record.compression?.['deduplicate']).toBeGreaterThan(500);
    expect(await gateway.ledger.compression()).toMatchObject({ tokensBefore: before, tokensAfter: after });
  });

  test('goes as it is where there is no compressor, or the request wants none', async () => {
    for (const { gateway, provider, ...more } of [
      { ...setUp({ compression: undefined }) },
      { ...setUp(), compression: 'off' as const },
      { ...setUp({ compression: { minCharacters: 1_000_000 } }) },
    ]) {
      const reply = await gateway.chat({ ...ask, ...more });
      expect(JSON.stringify(provider.calls[0]?.messages)).toContain(
        `${FILE.slice(-40).replaceAll('"', '\\"')}`,
      );
      expect(reply.tokensSaved).toBeUndefined();
      expect(await recordOf(gateway)).toMatchObject({ compression: null });
    }
  });

  test('is found in the cache by what the caller wrote', async () => {
    const { gateway, provider } = setUp({ cache: {} });
    await gateway.chat(ask);
    const again = await gateway.chat(ask);
    expect(again).toMatchObject({ cache: 'hit', tokensSaved: 1_500 });
    expect(provider.calls).toHaveLength(1);
    expect((await recordsOf(gateway)).map(({ cache }) => cache).toSorted()).toEqual(['hit', null]);
  });

  test('that is cut is cut only where that costs less than the prompt cache of the vendor saves', async () => {
    const turns = Array.from({ length: 40 }, (_, turn): MessageInput[] => [
      { role: 'user', content: `Question ${turn}: ${words(turn)}` },
      {
        role: 'assistant',
        content: `Answer ${turn}: ${words(turn + 100)}`,
      },
    ]).flat();
    const messages: MessageInput[] = [...turns, { role: 'user', content: 'And now?' }];
    const sentWith = async (cacheRead: number | undefined): Promise<number> => {
      const price = { input: 1, output: 1, ...(cacheRead !== undefined && { cacheRead }) };
      const provider = scriptedProvider(play(textAnswer('so')), { models: [{ id: 'one', price }] });
      const gateway = createGateway({ providers: [provider], compression: { preset: 'aggressive' } });
      await gateway.chat({ model: 'scripted:one', messages });
      return JSON.stringify(provider.calls[0]?.messages).length;
    };
    const whole = await sentWith(0.0001);
    expect(await sentWith(undefined)).toBeLessThan(whole / 2);
    expect(await sentWith(0.5)).toBeLessThan(whole / 2);
    expect(whole).toBeGreaterThan(JSON.stringify(messages).length * 0.9);
  });

  test('is sent on once, also where a stage behind throws at once', async () => {
    const sent: number[] = [];
    const { gateway } = setUp({
      stages: (builtIn) => [
        ...builtIn.slice(0, builtIn.findIndex(({ name }) => name === 'compress') + 1),
        {
          name: 'broken',
          stage: () => (inner) => {
            sent.push(JSON.stringify(inner.request.messages).length);
            throw new Error('no way on');
          },
        },
      ],
    });
    await expect(gateway.chat(ask)).rejects.toThrow();
    expect(sent).toHaveLength(1);
  });

  test('that was cut stays cut as the conversation grows', async () => {
    const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
    const provider = scriptedProvider(play(textAnswer('so')), { models: [{ id: 'one', price }] });
    const gateway = createGateway({ providers: [provider], compression: { preset: 'aggressive' } });
    const messages: MessageInput[] = [{ role: 'user', content: 'Look at all files.' }];
    for (let turn = 0; turn < 60; turn++) {
      messages.push(call(`${turn}`), {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: `${turn}`,
            toolName: 'read',
            output: { type: 'text', value: words(turn) },
          },
        ],
      });
      await gateway.chat({ model: 'scripted:one', messages });
    }
    const sent = provider.calls.map((request) => request.messages.map((message) => JSON.stringify(message)));
    const breaks = sent.flatMap((prompt, at) => {
      const before = sent[at - 1] ?? [];
      return before.every((message, index) => message === prompt[index])
        ? []
        : [prompt.join().length / before.join().length];
    });
    expect(breaks.length).toBeGreaterThan(1);
    for (const share of breaks) expect(share).toBeLessThan(0.5);
  });
});

test.each([
  [{ preset: 'tiny' }, 'compression'],
  [{ keep: ['a b'] }, 'keep'],
  [{ minCharacters: -1 }, 'minCharacters'],
])('an option that cannot be right is refused: %j', (compression, name) => {
  expect(() => createGateway({ compression: compression as never })).toThrow(name);
});

test('a request that wants a preset that there is not is refused', async () => {
  const failure = await failureOf(() => setUp().gateway.chat({ ...ask, compression: 'tiny' as never }));
  expect(failure).toMatchObject({ code: 'BAD_REQUEST' });
});
