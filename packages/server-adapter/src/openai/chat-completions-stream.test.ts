import { createFold, type ModelEvent } from '@millrace/core/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, chat, chunksOf, handlerOf } from '../../test/chat-handler.js';
import { begin, finish, textAnswer, usageOf } from '../../test/events.js';
import { clientOf } from '../../test/openai-client.js';
import { play } from '../../test/scripted-provider.js';

describe('a streamed answer', () => {
  it('is chunks as the vendor writes them', async () => {
    const response = await chat(handlerOf(play(textAnswer('Hel', 'lo'))), { stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-provider')).toBe('scripted');
    const chunk = (delta: object, finish_reason: string | null = null): object => ({
      id: 'chatcmpl-vendor',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'one-2026-01-01',
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    expect(await chunksOf(response)).toEqual([
      chunk({ role: 'assistant', content: '', refusal: null }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
    ]);
  });

  it('ends with a chunk of usage when the client asked for it, and only then', async () => {
    const handler = handlerOf(play(textAnswer('a')));
    const asked = (await chunksOf(
      await chat(handler, { stream: true, stream_options: { include_usage: true } }),
    )) as { usage: unknown; choices: unknown[] }[];
    expect(asked.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
    });
    expect(asked.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(
      true,
    );
    const unasked = await chunksOf(await chat(handler, { stream: true }));
    expect(unasked.some((chunk) => 'usage' in (chunk as object))).toBe(false);
  });

  it('without any text still names the role and why it stopped', async () => {
    const chunks = await chunksOf(
      await chat(handlerOf(play([...begin, finish('length')])), { stream: true }),
    );
    expect(chunks).toMatchObject([
      { choices: [{ delta: { role: 'assistant', content: '' } }] },
      { choices: [{ delta: {}, finish_reason: 'length' }] },
    ]);
  });

  it('hands on log probabilities with the text that they belong to', async () => {
    const events: ModelEvent[] = [
      ...begin,
      { type: 'text-start', id: 't' },
      {
        type: 'text-delta',
        id: 't',
        delta: 'a',
        providerMetadata: { scripted: { logprobs: { content: [{ token: 'a' }], refusal: null } } },
      },
      { type: 'text-end', id: 't' },
      finish(),
    ];
    const chunks = await chunksOf(await chat(handlerOf(play(events)), { stream: true }));
    expect(chunks[1]).toMatchObject({
      choices: [{ logprobs: { content: [{ token: 'a' }], refusal: null } }],
    });
  });

  it('is what the official client makes of any sequence of events', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const pieces = fc.array(text, { maxLength: 4 });
    const textBlock = fc.record({ kind: fc.constantFrom('text', 'refusal', 'reasoning'), pieces });
    const toolBlock = fc.record({
      kind: fc.constant('tool'),
      name: fc.stringMatching(/^[a-z]{1,8}$/),
      input: fc.jsonValue().map((value) => JSON.stringify({ value })),
      cuts: fc.integer({ min: 0, max: 4 }),
    });
    const eventsOf = (
      block: { kind: string; pieces?: string[]; name?: string; input?: string; cuts?: number },
      index: number,
    ): ModelEvent[] => {
      const id = `b${index}`;
      if (block.kind === 'tool') {
        const { name = '', input = '', cuts = 0 } = block;
        const call: ModelEvent = { type: 'tool-call', toolCallId: id, toolName: name, input };
        if (cuts === 0) return [call];
        const size = Math.ceil(input.length / cuts);
        const deltas = Array.from(
          { length: cuts },
          (_, at): ModelEvent => ({
            type: 'tool-input-delta',
            id,
            delta: input.slice(at * size, (at + 1) * size),
          }),
        );
        return [
          { type: 'tool-input-start', id, toolName: name },
          ...deltas,
          { type: 'tool-input-end', id },
          call,
        ];
      }
      const type = block.kind === 'reasoning' ? 'reasoning' : 'text';
      const deltas = (block.pieces ?? []).map((delta): ModelEvent => ({ type: `${type}-delta`, id, delta }));
      const start: ModelEvent =
        type === 'text' && block.kind === 'refusal'
          ? { type: 'text-start', id, refusal: true }
          : { type: `${type}-start`, id };
      return [start, ...deltas, { type: `${type}-end`, id }];
    };
    /** Keep each block in order, but let blocks overlap. */
    const interleave = (lists: ModelEvent[][], picks: number[]): ModelEvent[] => {
      const queues = lists.map((list) => [...list]);
      const mixed: ModelEvent[] = [];
      for (let at = 0; queues.some((queue) => queue.length > 0); at++) {
        const left = queues.filter((queue) => queue.length > 0);
        mixed.push(left[(picks[at % picks.length] ?? 0) % left.length]!.shift()!);
      }
      return mixed;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(textBlock, toolBlock), { maxLength: 5 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
        fc.nat(1000),
        fc.nat(1000),
        async (blocks, picks, input, output) => {
          const events = [
            ...begin,
            ...interleave(blocks.map(eventsOf), picks),
            finish('stop', usageOf(input, output)),
          ];
          const fold = createFold();
          for (const event of events) fold.add(event);
          const expected = fold.reply();
          const stream = clientOf(handlerOf(play(events))).chat.completions.stream({
            ...ask,
            stream_options: { include_usage: true },
          });
          let reasoning = '';
          for await (const chunk of stream) {
            reasoning +=
              (chunk.choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ??
              '';
          }
          const {
            choices: [choice],
            usage,
          } = await stream.finalChatCompletion();
          // Blocks that overlap reach the client as they come; one text is made of them in that order.
          const arrived = (refusal: boolean): string => {
            const ids = new Set(
              events.flatMap((event) =>
                event.type === 'text-start' && (event.refusal === true) === refusal ? [event.id] : [],
              ),
            );
            return events
              .map((event) => (event.type === 'text-delta' && ids.has(event.id) ? event.delta : ''))
              .join('');
          };
          expect(choice?.message.content ?? '').toBe(arrived(false));
          expect(choice?.message.refusal ?? '').toBe(arrived(true));
          expect(reasoning).toBe(
            events.map((event) => (event.type === 'reasoning-delta' ? event.delta : '')).join(''),
          );
          const calls = (choice?.message.tool_calls ?? []).map(
            (call) => 'function' in call && [call.id, call.function.name, call.function.arguments],
          );
          const order = [
            ...new Set(
              events.flatMap((event) =>
                event.type === 'tool-input-start'
                  ? [event.id]
                  : event.type === 'tool-call'
                    ? [event.toolCallId]
                    : [],
              ),
            ),
          ];
          const wanted = order.map((id) => expected.toolCalls.find((call) => call.toolCallId === id)!);
          expect(calls).toEqual(wanted.map((call) => [call.toolCallId, call.toolName, call.inputText]));
          expect(usage).toMatchObject({
            prompt_tokens: input,
            completion_tokens: output,
            total_tokens: input + output,
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});
