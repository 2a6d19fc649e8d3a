import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What an upstream saw of one request. */
interface SeenRequest {
  readonly body: { readonly model: string; readonly stream?: boolean; readonly messages?: unknown };
  readonly headers: IncomingMessage['headers'];
  /** The client went away before the answer was complete. */
  closedEarly: boolean;
  /** The answer was sent whole. */
  finished: boolean;
}

/** An OpenAI-shaped upstream that can fail in every way that a real one does. */
export interface ChaosUpstream {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  /** Requests that are being answered. */
  active(): number;
  /** Connections that are open, idle ones included. */
  sockets(): number;
  close(): Promise<void>;
}

type Behaviour = (context: Context) => void | Promise<void>;

interface Context {
  readonly request: SeenRequest;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

const ANSWER = 'The answer is 4, and that is all there is to say.';
/** How many chunks `stream-200` sends; each carries its own number. */
export const CHUNKS = 200;
const CUT_AFTER = 3;

const chunk = (model: string, delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-chaos', object: 'chat.completion.chunk', created: 1_790_000_000, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const usageOf = (tokens: number): object => ({
  prompt_tokens: 12,
  completion_tokens: tokens,
  total_tokens: 12 + tokens,
  prompt_tokens_details: { cached_tokens: 4 },
});

const completion = (model: string): string =>
  JSON.stringify({
    id: 'chatcmpl-chaos',
    object: 'chat.completion',
    created: 1_790_000_000,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: ANSWER }, finish_reason: 'stop' }],
    usage: usageOf(14),
  });

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const startStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
};

/** Chunks one by one, as a model writes them, waiting for a reader that is slower. */
const sendChunks = async ({ request, response }: Context, count: number, pauseMs: number): Promise<void> => {
  const { model } = request.body;
  startStream(response);
  response.write(chunk(model, { role: 'assistant', content: '' }));
  for (let index = 0; index < count && !response.destroyed; index++) {
    const flowing = response.write(chunk(model, { content: `${index} ` }));
    if (!flowing) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    await (pauseMs > 0 ? sleep(pauseMs) : tick());
  }
  if (response.destroyed) return;
  response.write(chunk(model, {}, 'stop'));
  response.write(
    `data: ${JSON.stringify({ id: 'chatcmpl-chaos', model, choices: [], usage: usageOf(count) })}\n\n`,
  );
  response.end('data: [DONE]\n\n');
};

const refuse =
  (status: number, error: object, headers: Record<string, string> = {}): Behaviour =>
  ({ response }) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error }));
  };

const answerOr =
  (stream: Behaviour): Behaviour =>
  (context) => {
    const { request, response } = context;
    if (request.body.stream === true) return stream(context);
    response.writeHead(200, { 'content-type': 'application/json' }).end(completion(request.body.model));
  };

/** What happens is chosen by the name of the model. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'gpt-4o-mini': answerOr((context) => sendChunks(context, CHUNKS, 0)),
  /** Slow, and of known price, so that a call which is cut short has a cost. */
  'gpt-4o': answerOr((context) => sendChunks(context, CHUNKS, 20)),
  'rate-limited': refuse(
    429,
    { message: 'Slow down.', type: 'requests', code: 'rate_limit_exceeded' },
    { 'retry-after': '2' },
  ),
  'server-error': refuse(500, { message: 'The server had an error.', type: 'server_error', code: null }),
  'bad-key': ({ request, response }) => {
    const echoed = String(request.headers.authorization);
    refuse(
      401,
      {
        message: `Incorrect API key provided: ${echoed}`,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
      { 'x-echo': echoed },
    )({
      request,
      response,
      socket: response.socket as Socket,
    });
  },
  'cut-before': ({ socket }) => void socket.destroy(),
  'cut-middle': async ({ request, response, socket }) => {
    if (request.body.stream !== true) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' });
      response.write(completion(request.body.model).slice(0, 40));
      await sleep(20);
      return void socket.destroy();
    }
    startStream(response);
    for (let index = 0; index < CUT_AFTER; index++)
      response.write(chunk('cut-middle', { content: `${index} ` }));
    await sleep(20);
    socket.destroy();
  },
  /** Ends as if all were well, but never says why it stopped. */
  'ends-early': answerOr(({ response }) => {
    startStream(response);
    for (let index = 0; index < CUT_AFTER; index++)
      response.write(chunk('ends-early', { content: `${index} ` }));
    response.end();
  }),
  malformed: ({ request, response }) => {
    if (request.body.stream !== true)
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [');
    startStream(response);
    response.write(chunk('malformed', { content: '0 ' }));
    response.end('data: {"choices": [\n\ndata: [DONE]\n\n');
  },
  silence: () => undefined,
  'headers-only': ({ request, response }) => {
    const type = request.body.stream === true ? 'text/event-stream' : 'application/json';
    response.writeHead(200, { 'content-type': type }).flushHeaders();
  },
  'web-page': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><h1>Welcome</h1>');
  },
  'wrong-json': ({ request, response }) => {
    if (request.body.stream !== true)
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    startStream(response);
    response.end('data: {"ok":true}\n\ndata: [DONE]\n\n');
  },
  'silence-middle': ({ request, response }) => {
    if (request.body.stream !== true) return;
    startStream(response);
    response.write(chunk('silence-middle', { content: '0 ' }));
  },
  'error-first': answerOr(({ response }) => {
    startStream(response);
    response.end('data: {"error":{"message":"Overloaded.","type":"server_error","code":"overloaded"}}\n\n');
  }),
  'error-middle': answerOr(({ response }) => {
    startStream(response);
    response.write(chunk('error-middle', { content: '0 ' }));
    response.end('data: {"error":{"message":"Overloaded.","type":"server_error","code":"overloaded"}}\n\n');
  }),
};

/** Start an upstream on a free port. */
export const startChaosUpstream = async (): Promise<ChaosUpstream> => {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let active = 0;

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = '';
    for await (const bytes of incoming) text += bytes;
    if (incoming.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":"gpt-4o-mini"}]}');
      return;
    }
    const request: SeenRequest = {
      body: JSON.parse(text),
      headers: incoming.headers,
      closedEarly: false,
      finished: false,
    };
    requests.push(request);
    active += 1;
    response.once('finish', () => {
      request.finished = true;
    });
    response.once('close', () => {
      active -= 1;
      request.closedEarly = !request.finished;
    });
    const behaviour = BEHAVIOURS[request.body.model];
    if (behaviour === undefined)
      return void refuse(404, { message: 'No such model.', code: 'model_not_found' })({
        request,
        response,
        socket: incoming.socket,
      });
    await behaviour({ request, response, socket: incoming.socket });
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    active: () => active,
    sockets: () => sockets.size,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};
