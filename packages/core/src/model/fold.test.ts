import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finish, textAnswer, usageOf } from '../../test/scripted-provider.js';
import { MillraceError } from './errors/millrace-error.js';
import { createFold } from './fold.js';
import type { ModelEvent } from './model-event.js';
import type { Reply } from './reply.js';

const fold = (events: readonly ModelEvent[]): Reply => {
  const gathered = createFold();
  for (const event of events) gathered.add(event);
  return gathered.reply();
};

/** A block, cut into pieces. */
const block = fc.record({
  kind: fc.constantFrom('text', 'reasoning'),
  refusal: fc.boolean(),
  pieces: fc.array(fc.string(), { maxLength: 4 }),
});

interface Track {
  readonly kind: string;
  readonly refusal: boolean;
  readonly text: string;
  readonly events: readonly ModelEvent[];
}

const trackOf = (
  { kind, refusal, pieces }: { kind: string; refusal: boolean; pieces: string[] },
  index: number,
): Track => {
  const id = `block-${index}`;
  const isRefusal = kind === 'text' && refusal;
  const events = [
    { type: `${kind}-start`, id, ...(isRefusal && { refusal: true }) },
    ...pieces.map((delta) => ({ type: `${kind}-delta`, id, delta })),
    { type: `${kind}-end`, id },
  ] as ModelEvent[];
  return { kind, refusal: isRefusal, text: pieces.join(''), events };
};

describe('the fold of an answer', () => {
  test('has the parts of any overlapping blocks whole and in the order in which they began', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), fc.infiniteStream(fc.nat()), (blocks, choices) => {
        const tracks = blocks.map(trackOf);
        const left = tracks.map(({ events }) => [...events]);
        const order: Track[] = [];
        const events: ModelEvent[] = [];
        for (;;) {
          const open = left.flatMap((rest, index) => (rest.length > 0 ? [index] : []));
          if (open.length === 0) break;
          const index = open[choices.next().value % open.length]!;
          const event = left[index]!.shift()!;
          if (event.type.endsWith('-start')) order.push(tracks[index]!);
          events.push(event);
        }
        const reply = fold([{ type: 'stream-start', warnings: [] }, ...events, finish()]);

        expect(reply.content).toEqual(
          order.map(({ kind, text, refusal }) => ({ type: kind, text, ...(refusal && { refusal: true }) })),
        );
        const joined = (wanted: (track: Track) => boolean): string =>
          order
            .filter(wanted)
            .map(({ text }) => text)
            .join('');
        expect(reply.text).toBe(joined(({ kind, refusal }) => kind === 'text' && !refusal));
        expect(reply.reasoning).toBe(joined(({ kind }) => kind === 'reasoning'));
        expect(reply.refusal ?? '').toBe(joined(({ refusal }) => refusal));
      }),
    );
  });

  test('keeps a text and a reasoning block apart that share an id', () => {
    const reply = fold([
      { type: 'reasoning-start', id: '0' },
      { type: 'text-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'hm' },
      { type: 'text-delta', id: '0', delta: 'yes' },
      { type: 'reasoning-end', id: '0' },
      { type: 'text-end', id: '0' },
      finish(),
    ]);
    expect(reply).toMatchObject({ reasoning: 'hm', text: 'yes' });
  });

  test('keeps a block that was never closed, and one whose id is used again', () => {
    const reply = fold([
      { type: 'text-start', id: 'a' },
      { type: 'text-delta', id: 'a', delta: 'first' },
      { type: 'text-start', id: 'a' },
      { type: 'text-delta', id: 'a', delta: 'second' },
      finish(),
    ]);
    expect(reply.content).toEqual([
      { type: 'text', text: 'first' },
      { type: 'text', text: 'second' },
    ]);
  });

  test('loses no text of a provider that forgets to open the block', () => {
    expect(fold([{ type: 'text-delta', id: 'x', delta: 'kept' }, finish()]).text).toBe('kept');
  });

  test('merges the metadata of a block key by key, the later winning', () => {
    const reply = fold([
      { type: 'reasoning-start', id: 'r', providerMetadata: { a: { one: 1, two: 1 } } },
      { type: 'reasoning-delta', id: 'r', delta: 'x', providerMetadata: { a: { two: 2 }, b: { own: true } } },
      { type: 'reasoning-end', id: 'r', providerMetadata: { a: { signature: 's' } } },
      finish(),
    ]);
    expect(reply.content).toEqual([
      {
        type: 'reasoning',
        text: 'x',
        providerMetadata: { a: { one: 1, two: 2, signature: 's' }, b: { own: true } },
      },
    ]);
  });

  test.each([
    ['{"city":"Bern"}', { city: 'Bern' }],
    ['', {}],
    [' [1, 2] ', [1, 2]],
  ])('parses the tool input %j and keeps it as it was written', (input, parsed) => {
    const [call] = fold([
      { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input },
      finish(),
    ]).toolCalls;
    expect(call).toEqual({
      type: 'tool-call',
      toolCallId: 'c',
      toolName: 'weather',
      input: parsed,
      inputText: input,
    });
  });

  test('marks tool input that is not JSON and hands it on raw', () => {
    const input = '{"city": "Ber';
    const reply = fold([{ type: 'tool-call', toolCallId: 'c', toolName: 'weather', input }, finish()]);
    expect(reply.toolCalls).toMatchObject([{ input, inputText: input, invalid: true }]);
  });

  test('puts a refusal apart from the text', () => {
    const reply = fold([
      { type: 'text-start', id: 'a' },
      { type: 'text-delta', id: 'a', delta: 'Well.' },
      { type: 'text-end', id: 'a' },
      { type: 'text-start', id: 'b', refusal: true },
      { type: 'text-delta', id: 'b', delta: 'I cannot.' },
      { type: 'text-end', id: 'b' },
      finish(usageOf(1, 1), 'content-filter'),
    ]);
    expect(reply).toMatchObject({ text: 'Well.', refusal: 'I cannot.', finishReason: 'content-filter' });
    expect(fold(textAnswer('plain')).refusal).toBeUndefined();
  });

  test('lets later response metadata win field by field', () => {
    const reply = fold([
      { type: 'response-metadata', id: 'r-1', modelId: 'asked' },
      { type: 'response-metadata', modelId: 'served', timestamp: 5 },
      finish(),
    ]);
    expect(reply.response).toEqual({ id: 'r-1', modelId: 'served', timestamp: 5 });
  });

  test('can be read twice and is a message to send back', () => {
    const gathered = createFold();
    for (const event of textAnswer('a', 'b')) gathered.add(event);
    expect(gathered.reply()).toEqual(gathered.reply());
    expect(gathered.reply().message).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'ab' }] });
  });

  test.each([
    ['nothing at all', []],
    ['an answer cut off', textAnswer('half').slice(0, -1)],
  ])('is an interruption for %s', (_what, events) => {
    expect(() => fold(events)).toThrow(MillraceError);
    expect(() => fold(events)).toThrow(expect.objectContaining({ code: 'INTERRUPTED', retryable: true }));
  });
});
