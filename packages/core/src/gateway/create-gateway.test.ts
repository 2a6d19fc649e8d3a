import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recordOf, recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  scriptedProvider,
  start,
  textAnswer,
  textBlock,
} from '../../test/scripted-provider.js';
import type { ModelEvent } from '../model/model-event.js';
import type { ChatRequest } from './chat-request.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';

const answering = (...pieces: readonly string[]) => scriptedProvider(play(textAnswer(...pieces)));
const eventsOf = async (events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> => {
  const seen: ModelEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
};

describe('chat', () => {
  test('gives the whole answer, with its cost and its route', async () => {
    const provider = answering('Hel', 'lo');
    const gateway = createGateway({ providers: [provider] });
    const reply = await gateway.chat({ model: 'scripted:one', system: 'Be brief.', prompt: 'Hi' });

    expect(reply).toMatchObject({
      text: 'Hello',
      finishReason: 'stop',
      output: undefined,
      cost: { tokensIn: 1_000, tokensOut: 500, costUsd: 0.002, estimated: false },
      route: { provider: 'scripted', model: 'one' },
    });
    expect(reply.id).toBe((await recordOf(gateway)).id);
    expect(provider.calls[0]).toMatchObject({
      model: 'one',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
    });
    expect(provider.contexts[0]?.delivery).toBe('whole');
  });

  test('takes the default model of the gateway, which is auto unless set', async () => {
    const provider = answering('x');
    await createGateway({ providers: [provider] }).chat({ prompt: 'Hi' });
    await createGateway({ providers: [provider], defaultModel: 'two' }).chat({ prompt: 'Hi' });
    expect(provider.calls.map(({ model }) => model)).toEqual(['one', 'two']);
  });

  test('takes a reply back as part of the next conversation, byte for byte', async () => {
    const call: ModelEvent = {
      type: 'tool-call',
      toolCallId: 'c',
      toolName: 'weather',
      input: '{ "city":"Bern"}',
    };
    const provider = scriptedProvider(play([start, ...textBlock('Let me see.'), call, finish()]));
    const gateway = createGateway({ providers: [provider] });
    const { message } = await gateway.chat({ prompt: 'Weather?' });
    await gateway.chat({
      messages: [
        { role: 'user', content: 'Weather?' },
        message,
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'c',
              toolName: 'weather',
              output: { type: 'text', value: 'Rain' },
            },
          ],
        },
      ],
    });
    expect(provider.calls[1]?.messages[1]).toEqual(message);
    expect(message.content[1]).toMatchObject({ inputText: '{ "city":"Bern"}', input: { city: 'Bern' } });
  });
});

describe('stream', () => {
  test('hands out every event, with the route on the first and the cost on the last', async () => {
    const provider = answering('a', 'b');
    const stream = createGateway({ providers: [provider] }).stream({ prompt: 'Hi' });
    expect(stream.route).toBeUndefined();
    const events = await eventsOf(stream);
    expect(events.map(({ type }) => type)).toEqual(textAnswer('a', 'b').map(({ type }) => type));
    expect(events[0]).toMatchObject({ callId: stream.id, route: stream.route });
    expect(events.at(-1)).toMatchObject({ type: 'finish', cost: { costUsd: 0.002 } });
    expect(provider.contexts[0]?.delivery).toBe('incremental');
  });

  test('sends nothing before it is iterated', async () => {
    const provider = answering('a');
    const gateway = createGateway({ providers: [provider] });
    gateway.stream({ prompt: 'Hi' });
    await Promise.resolve();
    expect(provider.calls).toHaveLength(0);
    expect(await recordsOf(gateway)).toHaveLength(0);
  });

  test('folds what is left into a reply after some events were read by hand', async () => {
    const gateway = createGateway({ providers: [answering('a', 'b', 'c')] });
    const stream = gateway.stream({ prompt: 'Hi' });
    for (let read = 0; read < 3; read++) await stream.next();
    expect((await stream.reply()).text).toBe('abc');
    expect((await stream.reply()).text).toBe('abc');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});

describe('an output with a schema', () => {
  const gatewayFor = (text: string) => createGateway({ providers: [answering(text)] });
  const person = z.object({ name: z.string(), born: z.string().transform(Number) });

  test('is checked and parsed by zod, and sent to the vendor as JSON Schema', async () => {
    const provider = answering('{"name":"Ada",', '"born":"1815"}');
    const { output } = await createGateway({ providers: [provider] }).chat({
      prompt: 'Who?',
      output: { schema: person, name: 'person', strict: true },
    });
    expect(output).toEqual({ name: 'Ada', born: 1815 });
    expect(provider.calls[0]?.responseFormat).toMatchObject({
      type: 'json',
      name: 'person',
      strict: true,
      schema: { type: 'object', required: ['name', 'born'], properties: { born: { type: 'string' } } },
    });
  });

  test('is only parsed when the schema is plain JSON Schema', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const { output } = await gatewayFor('{"a":1}').chat({ prompt: 'x', output: { schema } });
    expect(output).toEqual({ a: 1 });
  });

  test('may come from a library whose schemas are functions', async () => {
    const schema = Object.assign(() => undefined, { '~standard': person['~standard'] });
    const { output } = await gatewayFor('{"name":"Ada","born":"1815"}').chat({
      prompt: 'x',
      output: { schema },
    });
    expect(output).toEqual({ name: 'Ada', born: 1815 });
  });

  test.each([
    ['{"name":"Ada"}', /does not fit the schema at born/],
    ['"Ada"', /at its root/],
    ['{"name":"Ada"', /is not JSON/],
  ])('that is %j is refused; the reply is the cause', async (text, message) => {
    const gateway = gatewayFor(text);
    const failure = await failureOf(() => gateway.chat({ prompt: 'x', output: { schema: person } }));
    expect(failure).toMatchObject({
      code: 'INVALID_OUTPUT',
      message: expect.stringMatching(message),
      cause: { text },
    });
    expect(await recordOf(gateway)).toMatchObject({ status: 'success', costUsd: 0.002 });
  });

  test('that was cut off says what to raise', async () => {
    const provider = scriptedProvider(play([start, ...textBlock('{"na'), finish(undefined, 'length')]));
    const failure = await failureOf(() =>
      createGateway({ providers: [provider] }).chat({ prompt: 'x', output: { schema: person } }),
    );
    expect((failure as Error).message).toContain('maxOutputTokens');
  });

  test('is absent when the model asks for a tool instead', async () => {
    const call: ModelEvent = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '' };
    const gateway = createGateway({ providers: [scriptedProvider(play([start, call, finish()]))] });
    const reply = await gateway.chat({ prompt: 'x', output: { schema: person } });
    expect(reply).toMatchObject({ output: undefined, toolCalls: [{ toolName: 't', input: {} }] });
  });

  test('whose schema throws is one of our errors too', async () => {
    const schema = person.refine(() => {
      throw new Error('a bug of the host');
    });
    const gateway = gatewayFor('{"name":"Ada","born":"1815"}');
    const failure = await failureOf(() => gateway.chat({ prompt: 'x', output: { schema } }));
    expect(failure).toMatchObject({ code: 'INVALID_OUTPUT', cause: { message: 'a bug of the host' } });
  });
});

describe('a request that is not valid', () => {
  const tool = { name: 't', inputSchema: { type: 'object' } };
  const image = (data: unknown) => ({ type: 'file', mediaType: 'image/png', data });
  const fileOf = (data: unknown) => ({ messages: [{ role: 'user', content: [image(data)] }] });
  const resultOf = (output: unknown) => ({
    messages: [{ role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 't', output }] }],
  });
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /an object/],
    [{}, /either `prompt` or `messages`/],
    [{ prompt: 'a', messages: [] }, /either `prompt` or `messages`/],
    [{ prompt: '' }, /`prompt`/],
    [{ messages: [] }, /at least one/],
    [{ prompt: 'a', system: 7 }, /`system`/],
    [{ prompt: 'a', model: ' ' }, /`model`/],
    [{ prompt: 'a', model: 'x'.repeat(5_000) }, /`model`.*2048/],
    [{ messages: [null] }, /messages\[0\].*role/],
    [{ messages: [{ role: 'developer', content: 'x' }] }, /messages\[0\].*role/],
    [{ messages: [{ role: 'system', content: [] }] }, /messages\[0\].*system/],
    [{ messages: [{ role: 'user', content: 'x' }, { role: 'user' }] }, /messages\[1\].*string or a list/],
    [{ messages: [{ role: 'tool', content: 'x' }] }, /messages\[0\].*tool results/],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, /content\[0\].*text, file/],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, /content\[0\].*`text`/],
    [{ messages: [{ role: 'user', content: ['x'] }] }, /content\[0\]/],
    [
      { messages: [{ role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 't' }] }] },
      /`output`/,
    ],
    [fileOf({ type: 'data', data: new ArrayBuffer(1) }), /content\[0\].*Uint8Array/],
    [fileOf({ type: 'data', data: new DataView(new ArrayBuffer(1)) }), /content\[0\].*Uint8Array/],
    [fileOf({ type: 'url', url: new URL('https://example.com') }), /content\[0\].*url \(text\)/],
    [fileOf({ data: 'aGk=' }), /content\[0\].*data, url or reference/],
    [resultOf({ type: 'content', value: 'x' }), /output: the value/],
    [resultOf({ type: 'content', value: [image({ type: 'data', data: {} })] }), /value\[0\].*Uint8Array/],
    [{ prompt: 'a', maxOutputTokens: 0 }, /maxOutputTokens.*at least 1/],
    [{ prompt: 'a', maxOutputTokens: 1.5 }, /whole number/],
    [{ prompt: 'a', temperature: Number.NaN }, /temperature.*0 to 2/],
    [{ prompt: 'a', topP: '1' }, /topP/],
    [{ prompt: 'a', timeLimits: { idleMs: -1 } }, /timeLimits\.idleMs/],
    [{ prompt: 'a', timeLimits: { totalMs: Number.POSITIVE_INFINITY } }, /timeLimits\.totalMs/],
    [{ prompt: 'a', signal: {} }, /`signal`/],
    [{ prompt: 'a', tools: {} }, /`tools`/],
    [{ prompt: 'a', tools: [null] }, /`tools`/],
    [{ prompt: 'a', tools: [{ ...tool, name: 'a b' }] }, /"a b" is not valid/],
    [{ prompt: 'a', tools: [{ inputSchema: {} }] }, /not valid/],
    [{ prompt: 'a', tools: [{ name: 't' }] }, /schema of the tool "t" is missing/],
    [{ prompt: 'a', tools: [tool, tool] }, /two tools named "t"/],
    [{ prompt: 'a', toolChoice: { type: 'required' } }, /no `tools`/],
    [{ prompt: 'a', tools: [tool], toolChoice: 'auto' }, /`toolChoice`/],
    [{ prompt: 'a', tools: [tool], toolChoice: { type: 'tool', toolName: 'u' } }, /"u".*t/],
    [{ prompt: 'a', responseFormat: 'json' }, /`responseFormat`/],
    [{ prompt: 'a', responseFormat: { type: 'json' }, output: { schema: {} } }, /either `output` or/],
    [{ prompt: 'a', output: { schema: z.date() } }, /cannot be written as JSON Schema/],
  ];

  test.each(wrong)('is refused before anything is sent: %j', async (request, message) => {
    const provider = answering('x');
    const gateway = createGateway({ providers: [provider] });
    const expected = { code: 'BAD_REQUEST', message: expect.stringMatching(message) };
    expect(await failureOf(() => gateway.chat(request as ChatRequest))).toMatchObject(expected);
    expect(await failureOf(() => gateway.stream(request as ChatRequest))).toMatchObject(expected);
    expect(provider.calls).toHaveLength(0);
  });

  test('holds no time limit that a gateway would take', () => {
    expect(() => createGateway({ timeLimits: { idleMs: Number.NaN } })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
  });
});

describe('a call that cannot be routed', () => {
  const needsKey = { required: true, environmentVariable: 'THE_KEY' };
  const credentials: GatewayOptions['credentials'] = { get: () => undefined };

  test.each([
    ['UNKNOWN_MODEL', 'nonsense', null],
    ['UNKNOWN_MODEL', 'elsewhere:one', null],
    ['PROVIDER_DISABLED', 'off:one', null],
    ['NO_PROVIDER', 'auto', null],
    ['MISSING_KEY', 'locked:one', 'locked'],
    ['INVALID_CONFIG', 'circle', null],
  ])('is %s for %s: nothing is sent, one record is kept, it cost nothing', async (code, model, provider) => {
    const locked = scriptedProvider(play(textAnswer('x')), { id: 'locked', credential: needsKey });
    const off = scriptedProvider(play(textAnswer('x')), { id: 'off' });
    const gateway = createGateway({
      providers: [locked, { provider: off, enabled: false }],
      credentials,
      catalogue: { aliases: { circle: 'circle' } },
    });
    expect(await failureOf(() => gateway.chat({ model, prompt: 'Hi' }))).toMatchObject({ code });
    expect([...locked.calls, ...off.calls]).toHaveLength(0);
    expect(await recordOf(gateway)).toMatchObject({
      status: 'error',
      errorCode: code,
      requestedModel: model,
      provider,
      costUsd: 0,
      tokensIn: 0,
      tokensOut: 0,
    });
  });

  test('never reaches a provider that is switched off after the route was decided', async () => {
    const provider = scriptedProvider(play(textAnswer('x')));
    const gateway = createGateway({ providers: [provider] });
    gateway.on('call-route', () => gateway.registry.disable('scripted'));
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({
      code: 'PROVIDER_DISABLED',
    });
    expect(provider.calls).toHaveLength(0);
  });
});

test('a key that changes is used by the next call', async () => {
  const keys = ['first-key', 'second-key'];
  const provider = scriptedProvider(play(textAnswer('x')), { credential: { required: true } });
  const gateway = createGateway({
    providers: [provider],
    credentials: { get: ({ provider: id }) => (id === 'scripted' ? { apiKey: keys[0]! } : undefined) },
  });
  await gateway.chat({ model: 'one', prompt: 'Hi' });
  keys.shift();
  await gateway.chat({ model: 'one', prompt: 'Hi' });
  expect(provider.contexts.map(({ credential }) => credential?.apiKey)).toEqual(['first-key', 'second-key']);
});

describe('a closed gateway', () => {
  test('takes no more calls, also not one that was made before and not begun', async () => {
    const provider = answering('x');
    const gateway = createGateway({ providers: [provider] });
    const stream = gateway.stream({ prompt: 'Hi' });
    await gateway.close();
    await gateway.close();
    expect(await failureOf(() => gateway.chat({ prompt: 'Hi' }))).toMatchObject({ code: 'CLOSED' });
    expect(await failureOf(() => stream.next())).toMatchObject({ code: 'CLOSED' });
    expect(provider.calls).toHaveLength(0);
  });

  test('is closed by leaving the scope of `await using`', async () => {
    let kept: ReturnType<typeof createGateway>;
    {
      await using gateway = createGateway({ providers: [answering('x')] });
      await gateway.chat({ prompt: 'Hi' });
      kept = gateway;
    }
    expect(() => kept.stream({ prompt: 'Hi' })).toThrow(/closed/);
  });
});
