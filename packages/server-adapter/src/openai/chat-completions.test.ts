import { createBudgets } from '@millrace/core/budget';
import { MillraceError, type ModelEvent, ProviderError } from '@millrace/core/model';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { ask, chat, dataOf, failing, handlerOf } from '../../test/chat-handler.js';
import { begin, finish, textAnswer } from '../../test/events.js';
import { clientOf } from '../../test/openai-client.js';
import { play, type Script, untilAborted } from '../../test/scripted-provider.js';

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
    const response = await chat(handlerOf(failing(error), { retry: { retries: 0 } }), { stream: true });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('retry-after-ms')).toBe('1500');
    expect(response.headers.get('x-should-retry')).toBeNull();
    expect(response.headers.get('x-task-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('of a budget that is used up is a 429 until its period ends', async () => {
    const budgets = createBudgets({
      limits: [{ id: 'all', limitUsd: 1, period: 'day' }],
      onUnknownPrice: { reserveUsd: 0.5 },
    });
    const spent = await budgets.reserve({ labels: {}, worstCaseUsd: 0.7 });
    await spent?.settle(0.7);
    const [status] = await budgets.status();
    for (const stream of [false, true]) {
      const response = await chat(handlerOf(play(textAnswer('Hello')), { budgets }), { stream });
      expect(response.status).toBe(429);
      const until = Date.now() + Number(response.headers.get('retry-after')) * 1000;
      expect(Math.abs(until - (status?.windowEnd ?? 0))).toBeLessThan(60_000);
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(await response.json()).toMatchObject({ error: { code: 'budget_exceeded' } });
    }
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
