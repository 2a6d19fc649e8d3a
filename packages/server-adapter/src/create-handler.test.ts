import { createGateway } from '@millrace/core/gateway';
import { MillraceError } from '@millrace/core/model';
import { describe, expect, it } from 'vitest';
import { textAnswer } from '../test/events.js';
import { clientOf } from '../test/openai-client.js';
import { play, scriptedProvider } from '../test/scripted-provider.js';
import { createHandler, type Handler, type HandlerOptions } from './create-handler.js';

const gatewayOf = (): HandlerOptions['gateway'] =>
  createGateway({
    providers: [scriptedProvider(play(textAnswer('hello')))],
    catalogue: { aliases: { mine: 'scripted:one' } },
  });
const handlerOf = (options: Partial<HandlerOptions> = {}): Handler =>
  createHandler({ gateway: gatewayOf(), ...options });

const body = JSON.stringify({ model: 'scripted:one', messages: [{ role: 'user', content: 'hi' }] });
const post = (init: RequestInit = {}, path = '/v1/chat/completions'): Request =>
  new Request(`http://localhost${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...init,
  });
const errorOf = async (response: Response): Promise<Record<string, unknown>> =>
  ((await response.json()) as { error: Record<string, unknown> }).error;

describe('the models', () => {
  it('are those of all providers, with aliases, tiers and auto', async () => {
    const ids: string[] = [];
    for await (const model of clientOf(handlerOf()).models.list()) {
      expect(model).toEqual({
        id: expect.any(String),
        object: 'model',
        created: 0,
        owned_by: expect.any(String),
      });
      ids.push(model.id);
    }
    expect(ids).toEqual(
      expect.arrayContaining([
        'auto',
        'tier:economy',
        'tier:standard',
        'tier:premium',
        'mine',
        'scripted:one',
        'scripted:family/two:latest',
      ]),
    );
  });

  it('leave out providers that are switched off', async () => {
    const gateway = gatewayOf();
    gateway.registry.disable('scripted');
    const { data } = await clientOf(createHandler({ gateway })).models.list();
    expect(data.some(({ id }) => id.startsWith('scripted:'))).toBe(false);
  });

  it.each([
    'auto',
    'tier:premium',
    'mine',
    'one',
    'one-2026-01-01',
    'scripted:one',
    'scripted:family/two:latest',
    'family/two:latest',
  ])('are found by the name %s', async (id) => {
    expect(await clientOf(handlerOf()).models.retrieve(id)).toMatchObject({ id, object: 'model' });
  });

  it('are found with slashes and colons as they are in the path', async () => {
    const response = await handlerOf()(
      new Request('http://localhost/v1/models/scripted:family/two:latest?x=1'),
    );
    expect(await response.json()).toMatchObject({ id: 'scripted:family/two:latest', owned_by: 'scripted' });
  });

  it.each(['nothing', 'constructor', 'other:one'])(
    'that do not exist, such as %s, are a 404 of the right kind',
    async (id) => {
      const response = await handlerOf()(new Request(`http://localhost/v1/models/${id}`));
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      });
    },
  );
});

describe('a request that is not for us', () => {
  it('is a 404 that names it', async () => {
    const response = await handlerOf()(new Request('http://localhost/v1/nothing?a=b'));
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toEqual({
      message: 'Unknown request URL: GET /v1/nothing.',
      type: 'invalid_request_error',
      param: null,
      code: 'unknown_url',
    });
  });

  it.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['OPTIONS', '/v1/chat/completions', 'POST'],
    ['DELETE', '/v1/models/one', 'GET, HEAD'],
    ['POST', '/v1/models', 'GET, HEAD'],
  ])('with method %s for %s is a 405 that says what is allowed', async (method, path, allow) => {
    const response = await handlerOf()(new Request(`http://localhost${path}`, { method }));
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await errorOf(response)).toMatchObject({ code: 'method_not_allowed' });
  });

  it('outside of the base path is a 404, and inside it is served', async () => {
    const handler = handlerOf({ basePath: '/api' });
    expect((await handler(post())).status).toBe(404);
    expect((await handler(post({}, '/api/v1/chat/completions'))).status).toBe(200);
  });
});

describe('a body', () => {
  it.each([
    ['no content type', {}],
    ['text', { 'content-type': 'text/plain' }],
    ['a form, as curl sends it by itself', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['compressed JSON', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('that is %s is a 415', async (_title, headers) => {
    const response = await handlerOf()(
      post({ headers: headers as Record<string, string>, body: new TextEncoder().encode(body) }),
    );
    expect(response.status).toBe(415);
    expect((await errorOf(response))['message']).toContain('content-type: application/json');
  });

  it('that is not JSON is a 400 which does not repeat it', async () => {
    const response = await handlerOf()(post({ body: '{"secret' }));
    expect(response.status).toBe(400);
    expect((await errorOf(response))['message']).toBe('The request body is not valid JSON.');
  });

  it('longer than the limit is a 413, whether it says its length or not', async () => {
    const handler = handlerOf({ bodyLimitBytes: body.length });
    expect((await handler(post())).status).toBe(200);
    const long = `${body} `;
    const declared = { 'content-type': 'application/json', 'content-length': String(long.length) };
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 10;
        controller.enqueue(new Uint8Array(10).fill(32));
      },
    });
    const requests = [
      post({ body: long, headers: declared }),
      post({ body: long }),
      post({ body: endless, duplex: 'half' } as RequestInit),
    ];
    for (const request of requests) {
      const response = await handler(request);
      expect(response.status).toBe(413);
      expect(await errorOf(response)).toMatchObject({ code: 'request_too_large' });
    }
    expect(sent).toBeLessThan(body.length + 100);
  });

  it('with letters that are cut between two pieces arrives whole', async () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ model: 'nô such ☂', messages: [{ role: 'user', content: 'x' }] }),
    );
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const response = await handlerOf()(post({ body: pieces, duplex: 'half' } as RequestInit));
    expect((await errorOf(response))['message']).toContain('nô such ☂');
  });

  it('that is wrong is a 400 which names the field', async () => {
    const response = await handlerOf()(post({ body: JSON.stringify({ messages: [{ role: 'user' }] }) }));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      type: 'invalid_request_error',
      param: 'messages[0].content',
      code: null,
    });
  });

  it('that names an unknown model is a 404 before anything is sent', async () => {
    const response = await handlerOf()(post({ body: body.replace('scripted:one', 'no-such-model') }));
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ param: 'model', code: 'model_not_found' });
  });
});

describe('authorize', () => {
  it('labels the calls that it lets through', async () => {
    const gateway = gatewayOf();
    const handler = createHandler({
      gateway,
      authorize: async (request) => ({
        user: request.headers.get('x-user') ?? '',
        project: 'p',
        tags: ['a'],
      }),
    });
    const headers = { 'content-type': 'application/json', 'x-user': 'ann' };
    const response = await handler(post({ headers, body: body.replace('{', '{"user":"eve",') }));
    const record = await gateway.ledger.get(response.headers.get('x-task-id') ?? '');
    expect(record).toMatchObject({ user: 'ann', project: 'p', tags: ['a'], status: 'success' });
  });

  it('refuses with an answer of its own, for every endpoint and before the body is read', async () => {
    const handler = handlerOf({ authorize: () => new Response('no', { status: 401 }) });
    const request = post();
    expect((await handler(request)).status).toBe(401);
    expect(request.bodyUsed).toBe(false);
    expect((await handler(new Request('http://localhost/v1/models'))).status).toBe(401);
    expect((await handler(new Request('http://localhost/v1/models/auto'))).status).toBe(401);
  });

  it('that throws an error of ours is answered with its status', async () => {
    const handler = handlerOf({
      authorize: () => {
        throw new MillraceError('PERMISSION_DENIED', 'Not you.');
      },
    });
    const response = await handler(post());
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({ message: 'Not you.', type: 'permission_error' });
  });

  it('that breaks is a 500 whose cause only the log has', async () => {
    const lines: object[] = [];
    const log = (fields: object): void => void lines.push(fields);
    const error = new Error('database password is 123');
    const handler = handlerOf({
      authorize: () => Promise.reject(error),
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const response = await handler(post());
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('123');
    expect(lines).toContainEqual(expect.objectContaining({ error }));
  });
});
