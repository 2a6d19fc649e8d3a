import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene, SceneFault } from './scene.js';
import type { UpstreamRequest, WireBody, WireDialect } from './wire-dialect.js';

/** A request in the journal. */
export interface JournalEntry extends UpstreamRequest {
  /** Resolves when the client lets go of the connection before the answer is complete. */
  readonly left: Promise<void>;
}

/** A server on this machine that plays an API, and its failures. */
export interface Upstream {
  /** The address that a provider is given. */
  readonly baseUrl: string;
  /** Requests for answers of a model, oldest first. */
  readonly journal: readonly JournalEntry[];
  /** Every request. */
  readonly requests: readonly JournalEntry[];
  /** Behave like this from now on; a function decides for each request. */
  play(scene: Scene | ((request: UpstreamRequest) => Scene)): void;
  /** Refuse every request, also those that ask for no answer. */
  lockOut(refused: Extract<SceneFault, { type: 'refused' }> | undefined): void;
  /** Forget the journal. */
  clear(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const WEB_PAGE = '<!doctype html><html><body><h1>It works!</h1></body></html>';

/** Start an upstream that speaks a dialect. */
export const startUpstream = async (dialect: WireDialect, first: Scene): Promise<Upstream> => {
  let scene: Scene | ((request: UpstreamRequest) => Scene) = first;
  let locked: Extract<SceneFault, { type: 'refused' }> | undefined;
  let journal: JournalEntry[] = [];
  let requests: JournalEntry[] = [];

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming, response);
    requests.push(request);
    const side = dialect.side?.(request);
    if (locked !== undefined) return sendRefusal(response, dialect, locked);
    if (side !== undefined) return sendBody(response, side);
    journal.push(request);
    const { answer, fault } = typeof scene === 'function' ? scene(request) : scene;
    if (fault?.type === 'refused') return sendRefusal(response, dialect, fault);
    if (fault?.type === 'web-page')
      return sendBody(response, { headers: { 'content-type': 'text/html' }, body: WEB_PAGE });
    if (dialect.wantsStream(request)) return stream(response, dialect, dialect.pieces(answer), fault);
    return sendWhole(response, dialect, dialect.whole(answer), fault);
  };

  await listen(server);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${dialect.basePath ?? ''}`,
    get journal() {
      return journal;
    },
    get requests() {
      return requests;
    },
    play(next) {
      scene = next;
    },
    lockOut(refused) {
      locked = refused;
    },
    clear() {
      journal = [];
      requests = [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};

const listen = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });

const read = async (incoming: IncomingMessage, response: ServerResponse): Promise<JournalEntry> => {
  const left = new Promise<void>((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
  let text = '';
  incoming.setEncoding('utf8');
  for await (const part of incoming) text += part;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const headers = incoming.headers as Record<string, string | undefined>;
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers, text, json, left };
};

const sendBody = (response: ServerResponse, { status = 200, headers = {}, body }: WireBody): void =>
  void response.writeHead(status, headers).end(body);

const sendRefusal = (
  response: ServerResponse,
  dialect: WireDialect,
  fault: Extract<SceneFault, { type: 'refused' }>,
): void => {
  const { headers, ...refusal } = dialect.refusal(fault.error, fault.says ?? 'It was refused.');
  const wait =
    fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
  sendBody(response, { ...refusal, headers: { ...headers, ...wait } });
};

/** A body in one piece; its faults are those that a body can have. */
const sendWhole = async (
  response: ServerResponse,
  dialect: WireDialect,
  whole: WireBody,
  fault: SceneFault | undefined,
): Promise<void> => {
  switch (fault?.type) {
    case 'stalled':
      return;
    case 'cut':
    case 'truncated': {
      // Half of it, with the length of all of it.
      const bytes = Buffer.from(whole.body);
      response.writeHead(200, { ...whole.headers, 'content-length': String(bytes.length) });
      response.write(bytes.subarray(0, fault.after === 0 ? 0 : bytes.length >> 1));
      await sleep(5);
      return void response.destroy();
    }
    case 'malformed':
      return sendBody(response, { ...whole, body: whole.body.slice(0, -2) });
    case 'error-inside':
      return sendBody(response, { ...dialect.refusal(fault.error, 'It failed inside.'), status: 200 });
    case 'portions':
      response.writeHead(200, whole.headers);
      await writeInPortions(response, whole.body, fault.bytes);
      return void response.end();
    default:
      return sendBody(response, whole);
  }
};

const stream = async (
  response: ServerResponse,
  dialect: WireDialect,
  pieces: readonly string[],
  fault: SceneFault | undefined,
): Promise<void> => {
  const after = fault !== undefined && 'after' in fault ? fault.after : pieces.length;
  if (fault?.type === 'cut' && after === 0) return void response.destroy();
  response.writeHead(200, { 'content-type': dialect.streamType });
  response.flushHeaders();
  const sent = pieces.slice(0, after);
  if (fault?.type === 'burst') response.write(sent.join(''));
  else if (fault?.type === 'portions') await writeInPortions(response, sent.join(''), fault.bytes);
  else {
    for (const piece of sent) {
      if (fault?.type === 'slow') await sleep(fault.ms);
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  switch (fault?.type) {
    case 'stalled':
      return;
    case 'cut':
      await sleep(5);
      return void response.destroy();
    case 'error-inside':
      response.write(dialect.errorPiece?.(fault.error, 'It failed inside.') ?? '');
      return void response.end();
    case 'malformed':
      response.write(dialect.malformedPiece);
      return void response.end(pieces.slice(after).join(''));
    default:
      return void response.end();
  }
};

const writeInPortions = async (response: ServerResponse, text: string, size: number): Promise<void> => {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
};
