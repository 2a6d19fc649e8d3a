import { connect } from 'node:net';
import { createGateway } from '@millrace/core/gateway';
import { type ModelEvent, ProviderError } from '@millrace/core/model';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { textAnswer } from '../../test/events.js';
import { mounts, type RunningHost } from '../../test/mounts.js';
import { play, type Script, scriptedProvider, untilAborted } from '../../test/scripted-provider.js';
import { createHandler, type HandlerOptions } from '../create-handler.js';

const ask = { model: 'scripted:one', messages: [{ role: 'user' as const, content: 'hi' }] };

const post = (url: string, body: object, init: RequestInit = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });

const latch = (): { promise: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
};

/** Wait until a number has stopped growing. */
const settled = async (read: () => number): Promise<number> => {
  let last = -1;
  for (let calm = 0; calm < 10; ) {
    const now = read();
    calm = now === last && now > 0 ? calm + 1 : 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return last;
};

describe.each(mounts)('%s', (_name, start) => {
  let host: RunningHost | undefined;
  afterEach(async () => {
    await host?.close();
    host = undefined;
  });

  const run = async (script: Script, options: Partial<HandlerOptions> = {}): Promise<RunningHost> => {
    const gateway = createGateway({ retry: { retries: 0 }, providers: [scriptedProvider(script)] });
    host = await start(createHandler({ gateway, ...options }));
    return host;
  };
  const clientOf = ({ url }: RunningHost): OpenAI =>
    new OpenAI({ apiKey: 'unused', baseURL: `${url}/v1`, maxRetries: 0 });

  it('answers as a whole', async () => {
    const client = clientOf(await run(play(textAnswer('Grüße ', '☂'))));
    const { data, response } = await client.chat.completions.create(ask).withResponse();
    expect(data.choices[0]?.message.content).toBe('Grüße ☂');
    expect(response.headers.get('x-provider')).toBe('scripted');
    expect(response.headers.get('x-task-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('streams: the first piece arrives while the model is still thinking about the second', async () => {
    const gate = latch();
    const [start, meta, open, first, ...rest] = textAnswer('a', 'b');
    const client = clientOf(
      await run(async function* () {
        yield* [start, meta, open, first] as ModelEvent[];
        await gate.promise;
        yield* rest;
      }),
    );
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (text === 'a') gate.open();
    }
    expect(text).toBe('ab');
  });

  it('streams many pieces complete and in order', async () => {
    const pieces = Array.from({ length: 2_000 }, (_, index) => `${index} `);
    const client = clientOf(await run(play(textAnswer(...pieces))));
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(pieces.join(''));
  });

  it.each([true, false])('cancels the call when the client goes away (streamed: %s)', async (stream) => {
    const begun = latch();
    const cancelled = latch();
    const { url } = await run(async function* (_request, { signal }) {
      signal.addEventListener('abort', cancelled.open);
      if (stream) yield* textAnswer('a').slice(0, 4);
      begun.open();
      await untilAborted(signal);
    });
    const controller = new AbortController();
    const response = post(`${url}/v1/chat/completions`, { ...ask, stream }, { signal: controller.signal });
    response.catch(() => undefined);
    await begun.promise;
    if (stream) await (await response).body!.getReader().read();
    controller.abort();
    await cancelled.promise;
  });

  it('answers a failure with its status', async () => {
    const client = clientOf(
      // biome-ignore lint/correctness/useYield: it fails before it has anything to yield
      await run(async function* () {
        throw new ProviderError('RATE_LIMITED', 'Slow down.', { provider: 'scripted', retryAfterMs: 2000 });
      }),
    );
    const thrown = await client.chat.completions.create(ask).then(
      () => undefined,
      (error) => error,
    );
    expect(thrown).toBeInstanceOf(OpenAI.RateLimitError);
    expect(thrown.headers.get('retry-after')).toBe('2');
  });

  it('ends a stream that fails with an error, not with silence', async () => {
    const { url } = await run(async function* () {
      yield* textAnswer('a').slice(0, 4);
      throw new ProviderError('INTERRUPTED', 'It broke.', { provider: 'scripted' });
    });
    const text = await (await post(`${url}/v1/chat/completions`, { ...ask, stream: true })).text();
    expect(text).toContain('"content":"a"');
    expect(text.trimEnd().split('\n').at(-1)).toContain('data: {"error":{"message":"It broke."');
    expect(text).not.toContain('[DONE]');
  });

  it('takes no more from the model than the client reads', async () => {
    let made = 0;
    const { url } = await run(async function* () {
      yield* textAnswer().slice(0, 3);
      for (; made < 2_000; made++) {
        yield { type: 'text-delta', id: 't', delta: 'x'.repeat(64 * 1024) };
        // A model is never faster than the event loop.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const { hostname, port, pathname } = new URL(`${url}/v1/chat/completions`);
    const body = JSON.stringify({ ...ask, stream: true });
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(await settled(() => made)).toBeLessThan(1_000);
    socket.destroy();
  });

  it('lists models and finds one whose name has slashes', async () => {
    const client = clientOf(await run(play([])));
    expect((await client.models.list()).data.length).toBeGreaterThan(4);
    expect((await client.models.retrieve('scripted:family/two:latest')).owned_by).toBe('scripted');
  });

  it('refuses a body beyond the limit and keeps serving', async () => {
    const { url } = await run(play(textAnswer('a')), { bodyLimitBytes: 1_000 });
    const long = { ...ask, messages: [{ role: 'user', content: 'x'.repeat(20_000) }] };
    const response = await post(`${url}/v1/chat/completions`, long);
    // A body parser of the host has a limit of its own.
    if (!_name.includes('Express after') && !_name.includes('Express under'))
      expect(response.status).toBe(413);
    await response.text();
    expect((await post(`${url}/v1/chat/completions`, ask)).status).toBe(200);
  });

  it('answers 405 for a method that it does not have, and 404 for a path', async () => {
    const { url } = await run(play([]));
    expect((await fetch(`${url}/v1/chat/completions`)).status).toBe(405);
    expect((await post(`${url}/v1/nothing`, {})).status).toBe(404);
  });

  it('leaves the routes of the host alone', async () => {
    const { origin, echoes } = await run(play([]));
    const response = await post(`${origin}/host`, { a: 1 });
    if (echoes) expect(await response.json()).toEqual({ echo: { a: 1 } });
    else expect(response.status).toBe(404);
  });
});
