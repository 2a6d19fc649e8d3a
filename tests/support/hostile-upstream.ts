import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An upstream that sends the key of every request back, wherever it can. */
export interface HostileUpstream extends AsyncDisposable {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** The keys that it was sent. */
  readonly keys: ReadonlySet<string>;
}

type Hostility = (response: ServerResponse, key: string, stream: boolean) => void;

const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-hostile', object: 'chat.completion.chunk', model: 'hostile', ...fields })}\n\n`;
const textChunk = chunk({ choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: null }] });

const json = (response: ServerResponse, status: number, body: unknown, headers: object = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const echoes = (key: string): Record<string, string> => ({
  'x-request-id': `req-${key}`,
  'retry-after': key,
  'x-echo': key,
  'set-cookie': `key=${key}`,
  'www-authenticate': `Bearer realm="${key}"`,
});

/** By the name of the model. */
const HOSTILITIES: Readonly<Record<string, Hostility>> = {
  'error-message': (response, key) =>
    json(response, 401, { error: { message: `Incorrect API key: ${key}. (Bearer ${key})` } }, echoes(key)),
  'error-fields': (response, key) =>
    json(response, 400, { error: { message: 'No.', type: key, code: key, param: key, inner: { key } } }),
  'error-detail': (response, key) => json(response, 422, { detail: `key=${key}` }),
  'error-text': (response, key) =>
    void response.writeHead(500, { 'content-type': 'text/plain' }).end(`crashed with ${key}`),
  'error-page': (response, key) =>
    void response.writeHead(503, { 'content-type': 'text/html' }).end(`<h1>${key}</h1>`),
  'error-status-line': (response, key) => void response.writeHead(500, key).end(),
  'error-long': (response, key) =>
    json(response, 400, { error: { message: `${'x'.repeat(490)}${key}${'y'.repeat(490)}` } }),
  'rate-limit': (response, key) =>
    json(
      response,
      429,
      { error: { message: `${key} is too fast`, code: 'rate_limit_exceeded' } },
      echoes(key),
    ),
  redirect: (response, key) =>
    void response.writeHead(307, { location: `/v2/${key}/${encodeURIComponent(key)}?key=${key}` }).end(),
  'broken-json': (response, key) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"key": "${key}`),
  'html-200': (response, key) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${key}`),
  'error-in-200': (response, key) => json(response, 200, { error: { message: `key ${key}`, code: key } }),
  'error-in-stream': (response, key, stream) => {
    if (!stream) return json(response, 200, { error: { message: key } });
    response.writeHead(200, { 'content-type': 'text/event-stream', ...echoes(key) });
    response.write(textChunk);
    response.end(`data: ${JSON.stringify({ error: { message: `key ${key}`, type: key } })}\n\n`);
  },
  'broken-stream': (response, key) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${textChunk}data: {"key": "${key}\n\n`);
  },
  'cut-stream': (response, key) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-echo': key });
    response.write(`${textChunk}event: ${key}\ndata: {"choi`);
    setTimeout(() => response.destroy(), 20);
  },
};

/** The names of the models, each of which gives the key away in its own way. */
export const HOSTILE_MODELS: readonly string[] = Object.keys(HOSTILITIES);

/** Start it on a free port. */
export const startHostileUpstream = async (): Promise<HostileUpstream> => {
  const keys = new Set<string>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const bytes of request) text += bytes;
    const { model = 'error-message', stream = false } = JSON.parse(text === '' ? '{}' : text) as {
      model?: string;
      stream?: boolean;
    };
    const key = String(request.headers.authorization).replace(/^Bearer /, '');
    keys.add(key);
    (HOSTILITIES[model] ?? HOSTILITIES['error-message'])?.(response, key, stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    keys,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};
