import { createGateway } from '@millrace/core';
import type { ModelEvent, ModelRequest } from '@millrace/core/model';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { simulated } from './simulated.js';

afterEach(() => void vi.useRealTimers());

const gateway = () => createGateway({ providers: [simulated()] });
const ask = (prompt: string): ModelRequest => ({
  model: 'simulated-economy',
  messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
});
const weather = {
  type: 'function',
  name: 'get_weather',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
} as const;
const time = { ...weather, name: 'clock' } as const;

describe('the simulated provider', () => {
  test('answers at once, says what it is, costs nothing and never changes its mind', async () => {
    const first = await gateway().chat({ prompt: 'What is the capital of France?' });
    const second = await gateway().chat({ prompt: 'What is the capital of France?' });
    expect(first.text).toBe('[simulated] No model was called. You said: "What is the capital of France?"');
    expect(second.text).toBe(first.text);
    expect(first.cost).toMatchObject({ costUsd: 0, estimated: true });
    expect(first.route.reason).toContain('simulated, because no real provider is ready');
  });

  test('says the same in pieces as in one', async () => {
    const prompt = '  two  words\nand a line ';
    const whole = await gateway().chat({ prompt });
    const stream = gateway().stream({ prompt });
    let deltas = 0;
    for await (const event of stream) if (event.type === 'text-delta') deltas += 1;
    expect((await stream.reply()).text).toBe(whole.text);
    expect(deltas).toBeGreaterThan(5);
  });

  test('echoes only the beginning of a long prompt', async () => {
    const { text } = await gateway().chat({ prompt: 'x'.repeat(10_000) });
    expect(text.length).toBeLessThan(300);
    expect(text).toContain('…');
  });

  test('keeps to the token limit and to stop sequences', async () => {
    expect(await gateway().chat({ prompt: 'a b c', maxOutputTokens: 3 })).toMatchObject({
      text: '[simulated] No model',
      finishReason: 'length',
    });
    expect(await gateway().chat({ prompt: 'a b c', stopSequences: ['model', 'No'] })).toMatchObject({
      text: '[simulated] ',
      finishReason: 'stop',
    });
  });

  test('calls the tool that the prompt mentions, and reports its result', async () => {
    const first = await gateway().chat({ prompt: 'How is the weather?', tools: [time, weather] });
    expect(first).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [{ toolName: 'get_weather', input: { city: 'simulated' } }],
    });
    const [call] = first.toolCalls;
    const second = await gateway().chat({
      tools: [weather],
      messages: [
        { role: 'user', content: 'How is the weather?' },
        first.message,
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: call!.toolCallId,
              toolName: 'get_weather',
              output: { type: 'json', value: { sky: 'blue' } },
            },
          ],
        },
      ],
    });
    expect(second.text).toContain('get_weather gave {"sky":"blue"}');
    expect(second.finishReason).toBe('stop');
  });

  test.each([
    [{ type: 'none' }, []],
    [{ type: 'required' }, ['clock']],
    [{ type: 'tool', toolName: 'get_weather' }, ['get_weather']],
    [{ type: 'auto' }, []],
  ] as const)('obeys the tool choice %o', async (toolChoice, called) => {
    const { toolCalls } = await gateway().chat({ prompt: 'Hello', tools: [time, weather], toolChoice });
    expect(toolCalls.map(({ toolName }) => toolName)).toEqual(called);
  });

  test('is listed with three tiers, and its key is always good', async () => {
    const { registry } = gateway();
    expect(registry.models().map(({ tier }) => tier)).toEqual(['economy', 'standard', 'premium']);
    expect(await registry.verify('simulated')).toMatchObject({ status: 'verified' });
    expect(simulated({ id: 'other' }).id).toBe('other');
  });
});

describe('its delay', () => {
  const start = (signal: AbortSignal): AsyncIterator<ModelEvent> =>
    simulated({ delayMs: 100 })
      .stream(ask('one two'), { signal, delivery: 'incremental' })
      [Symbol.asyncIterator]();

  test('goes before each piece', async () => {
    vi.useFakeTimers();
    const events = start(new AbortController().signal);
    for (const type of ['stream-start', 'response-metadata', 'text-start']) {
      expect((await events.next()).value).toMatchObject({ type });
    }
    let piece: unknown;
    void events.next().then(({ value }) => {
      piece = value;
    });
    await vi.advanceTimersByTimeAsync(99);
    expect(piece).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(piece).toMatchObject({ type: 'text-delta', delta: '[simulated]' });
  });

  test('ends at once when the call is cancelled, and leaves no timer', async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const events = start(controller.signal);
    for (let read = 0; read < 3; read++) await events.next();
    const piece = events.next();
    controller.abort();
    await expect(piece).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not begin when the call was cancelled before', async () => {
    await expect(start(AbortSignal.abort()).next()).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
