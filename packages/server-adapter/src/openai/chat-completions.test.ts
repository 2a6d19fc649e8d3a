import { createGateway, type GatewayOptions } from '@millrace/core/gateway';
import { createFold, MillraceError, type ModelEvent, ProviderError } from '@millrace/core/model';
import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { begin, finish, textAnswer, usageOf } from '../../test/events.js';
import { clientOf } from '../../test/openai-client.js';
import { play, type Script, scriptedProvider, untilAborted } from '../../test/scripted-provider.js';
import { createHandler, type Handler, type HandlerOptions } from '../create-handler.js';

const handlerOf = (script: Script, options: Partial<HandlerOptions> & GatewayOptions = {}): Handler =>
  createHandler({
    gateway: createGateway({ ...options, providers: [scriptedProvider(script)] }),
    ...options,
  });

const chat = (handler: Handler, body: object, init: RequestInit = {}): Promise<Response> =>
  handler(
    new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'scripted:one', messages: [{ role: 'user', content: 'hi' }], ...body }),
      ...init,
    }),
  );

const dataOf = (text: string): string[] =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((message) => message.replace(/^data: /, ''));

const chunksOf = async (response: Response): Promise<unknown[]> => {
  const data = dataOf(await response.text());
  expect(data.at(-1)).toBe('[DONE]');
  return data.slice(0, -1).map((line) => JSON.parse(line));
};

const ask = { model: 'scripted:one', messages: [{ role: 'user' as const, content: 'hi' }] };

const failing = (error: unknown, after: readonly ModelEvent[] = []): Script =>
  async function* () {
    yield* after;
    throw error;
  };

describe('a whole answer', () => {
  it('is a chat.completion as the vendor writes it', async () => {
    const response = await chat(handlerOf(play(textAnswer('Hel', 'lo'))), {});
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-provider')).toBe('scripted');
    expect(response.headers.get('x-model')).toBe('one');
    expect(response.headers.get('x-task-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      id: 'chatcmpl-vendor',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'one-2026-01-01',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 5,
        total_tokens: 8,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
  });

  it('has tool calls, with null content and arguments that parse', async () => {
    const events: ModelEvent[] = [
      ...begin,
      { type: 'tool-call', toolCallId: 'a', toolName: 'look', input: '{"q": 1}' },
      { type: 'tool-call', toolCallId: 'b', toolName: 'list', input: '' },
      finish('tool-calls'),
    ];
    const { choices } = await clientOf(handlerOf(play(events))).chat.completions.create({ ...ask });
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'look', arguments: '{"q": 1}' } },
          { id: 'b', type: 'function', function: { name: 'list', arguments: '{}' } },
        ],
      },
    });
  });

  it('has reasoning, sources, files, cached and reasoning tokens and what the vendor adds', async () => {
    const events: ModelEvent[] = [
      ...begin,
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'hm' },
      { type: 'reasoning-end', id: 'r' },
      { type: 'source', id: 's', url: 'https://example.com', title: 'Example' },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
      { type: 'file', mediaType: 'application/pdf', filename: 'a.pdf', data: { type: 'data', data: 'AAAA' } },
      {
        type: 'finish',
        finishReason: 'length',
        usage: {
          inputTokens: { total: 10, noCache: 3, cacheRead: 5, cacheWrite: 2 },
          outputTokens: { total: 7, text: 3, reasoning: 4 },
          raw: { prompt_tokens_details: { audio_tokens: 1, cached_tokens: 99 } },
          estimated: false,
        },
        providerMetadata: {
          scripted: { serviceTier: 'flex', systemFingerprint: 'fp', logprobs: [{ token: 'a' }] },
        },
      },
    ];
    const body = await (await chat(handlerOf(play(events)), {})).json();
    expect(body).toMatchObject({
      choices: [
        {
          finish_reason: 'length',
          logprobs: { content: [{ token: 'a' }], refusal: null },
          message: {
            content: '',
            reasoning_content: 'hm',
            annotations: [
              { type: 'url_citation', url_citation: { url: 'https://example.com', title: 'Example' } },
            ],
            images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } }],
            files: [
              { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
            ],
          },
        },
      ],
      usage: {
        prompt_tokens: 10,
        prompt_tokens_details: { audio_tokens: 1, cached_tokens: 5, cache_write_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 4 },
      },
      service_tier: 'flex',
      system_fingerprint: 'fp',
    });
  });

  it('that is a refusal says so, and stops as the vendor does', async () => {
    const events: ModelEvent[] = [
      ...begin,
      { type: 'text-start', id: 't', refusal: true },
      { type: 'text-delta', id: 't', delta: 'I will not.' },
      { type: 'text-end', id: 't' },
      finish('content-filter'),
    ];
    const handler = handlerOf(play(events));
    const whole = await clientOf(handler).chat.completions.create({ ...ask });
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, refusal: 'I will not.' },
    });
    const streamed = await clientOf(handler)
      .chat.completions.stream({ ...ask })
      .finalChatCompletion();
    expect(streamed.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, refusal: 'I will not.' },
    });
  });
});

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

describe('a failure', () => {
  it.each([
    ['AUTHENTICATION', OpenAI.AuthenticationError, 'authentication_error', 'invalid_api_key'],
    ['PERMISSION_DENIED', OpenAI.PermissionDeniedError, 'permission_error', 'permission_denied'],
    ['RATE_LIMITED', OpenAI.RateLimitError, 'rate_limit_error', 'rate_limit_exceeded'],
    ['QUOTA_EXCEEDED', OpenAI.RateLimitError, 'insufficient_quota', 'insufficient_quota'],
    ['CONTEXT_LENGTH', OpenAI.BadRequestError, 'invalid_request_error', 'context_length_exceeded'],
    ['NOT_FOUND', OpenAI.NotFoundError, 'invalid_request_error', 'model_not_found'],
    ['OVERLOADED', OpenAI.InternalServerError, 'server_error', 'overloaded'],
    ['TIMEOUT', OpenAI.InternalServerError, 'server_error', 'timeout'],
  ] as const)(
    '%s before the answer is the right class of the official client, streamed or not',
    async (code, Class, type, clientCode) => {
      const error = new ProviderError(code, `It failed: ${code}.`, { provider: 'scripted' });
      for (const after of [[], begin]) {
        const client = clientOf(handlerOf(failing(error, after)));
        for (const stream of [false, true]) {
          const thrown = await client.chat.completions.create({ ...ask, stream }).then(
            () => undefined,
            (reason) => reason,
          );
          expect(thrown).toBeInstanceOf(Class);
          expect(thrown).toMatchObject({ type, code: clientCode, error: { message: `It failed: ${code}.` } });
        }
      }
    },
  );

  it('tells how long to wait', async () => {
    const error = new ProviderError('RATE_LIMITED', 'Slow down.', {
      provider: 'scripted',
      retryAfterMs: 1500,
    });
    const response = await chat(handlerOf(failing(error)), { stream: true });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('retry-after-ms')).toBe('1500');
    expect(response.headers.get('x-should-retry')).toBeNull();
    expect(response.headers.get('x-task-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that will not go away tells clients not to retry', async () => {
    const error = new ProviderError('QUOTA_EXCEEDED', 'Paid up?', { provider: 'scripted' });
    expect((await chat(handlerOf(failing(error)), {})).headers.get('x-should-retry')).toBe('false');
  });

  it('in the middle of a stream ends it with an error that the official client throws, and without [DONE]', async () => {
    const error = new ProviderError('INTERRUPTED', 'The connection broke.', { provider: 'scripted' });
    const handler = handlerOf(failing(error, textAnswer('Hel', 'lo').slice(0, 4)));
    const data = dataOf(await (await chat(handler, { stream: true })).text());
    expect(data).not.toContain('[DONE]');
    expect(JSON.parse(data.at(-1)!)).toEqual({
      error: { message: 'The connection broke.', type: 'server_error', param: null, code: 'interrupted' },
    });
    let text = '';
    const read = async (): Promise<void> => {
      const stream = await clientOf(handler).chat.completions.create({ ...ask, stream: true });
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
    expect(text).toBe('Hel');
  });

  it('of an answer that stops short is an error too', async () => {
    const data = dataOf(
      await (await chat(handlerOf(play(textAnswer('a').slice(0, -1))), { stream: true })).text(),
    );
    expect(data).not.toContain('[DONE]');
    expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'interrupted' } });
  });

  it('of the server itself goes to the log, and the client learns only where to look', async () => {
    const lines: object[] = [];
    const log = (fields: object): void => void lines.push(fields);
    const error = new MillraceError('STORAGE', 'Cannot write /var/secret.db.');
    const handler = handlerOf(failing(error), { logger: { debug: log, info: log, warn: log, error: log } });
    const response = await chat(handler, { stream: true });
    const body = (await response.json()) as { error: { message: string } };
    expect(response.status).toBe(500);
    expect(body.error.message).not.toContain('secret');
    expect(body.error.message).toContain(response.headers.get('x-task-id'));
    expect(lines).toContainEqual({
      error: expect.objectContaining({ code: 'STORAGE' }),
      callId: response.headers.get('x-task-id'),
    });
  });
});

describe('a client that goes away', () => {
  const waiting = (seen: { aborted: boolean }): Script =>
    async function* (_request, { signal }) {
      signal.addEventListener('abort', () => {
        seen.aborted = true;
      });
      yield* textAnswer('a').slice(0, 4);
      await untilAborted(signal);
    };

  it('cancels the call when it stops reading', async () => {
    const seen = { aborted: false };
    const response = await chat(handlerOf(waiting(seen)), { stream: true });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(seen.aborted).toBe(true);
  });

  it('cancels the call when its request is aborted', async () => {
    const seen = { aborted: false };
    const controller = new AbortController();
    const response = await chat(handlerOf(waiting(seen)), { stream: true }, { signal: controller.signal });
    await response.body!.getReader().read();
    controller.abort();
    expect(seen.aborted).toBe(true);
  });

  it('that reads slowly holds the model back', async () => {
    let made = 0;
    const endless: Script = async function* () {
      yield* textAnswer().slice(0, 3);
      for (;;) {
        made += 1;
        yield { type: 'text-delta', id: 't', delta: 'x'.repeat(100) };
      }
    };
    const response = await chat(handlerOf(endless), { stream: true });
    const reader = response.body!.getReader();
    await reader.read();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    const ahead = made;
    expect(ahead).toBeLessThan(500);
    await reader.read();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeGreaterThan(ahead);
    await reader.cancel();
  });
});
