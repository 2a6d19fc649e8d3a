import type { Agent, EnvHttpProxyAgent, request } from 'undici';

/** The standard `fetch`, as a host may hand it in. */
export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A request that is ready to go. */
export interface Outgoing {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/** The answer to it, its body still unread. */
export interface Answer {
  readonly status: number;
  header(name: string): string | null;
  /** Read it, or leave the iteration early to let go of the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  /** Let go of the connection, also while the body is being read. */
  cancel(): void;
}

/** Sends a request. */
export type Send = (outgoing: Outgoing) => Promise<Answer>;

interface Undici {
  readonly request: typeof request;
  readonly dispatcher: Agent | EnvHttpProxyAgent;
}

/** Time limits are the gateway's; connections stay open between calls. */
const NO_LIMIT = { headersTimeout: 0, bodyTimeout: 0 };
let loading: Promise<Undici> | undefined;
let loaded: Undici | undefined;

const loadUndici = async (): Promise<Undici> => {
  const { Agent, EnvHttpProxyAgent, request } = await import('undici');
  const dispatcher = process.env['NODE_USE_ENV_PROXY']
    ? new EnvHttpProxyAgent(NO_LIMIT)
    : new Agent(NO_LIMIT);
  loaded = { request, dispatcher };
  return loaded;
};

/**
 * Over undici's lower interface, which costs a fraction of `fetch`: no web streams, no request and response objects.
 * Redirects are not followed: an API that moved should be addressed where it is.
 */
const sendByUndici: Send = async ({ url, method, headers, body, signal }) => {
  loading ??= loadUndici();
  const { request, dispatcher } = loaded ?? (await loading);
  const answer = await request(url, { method, headers, body: body ?? null, signal, dispatcher });
  return {
    status: answer.statusCode,
    header(name) {
      const value = answer.headers[name];
      return (Array.isArray(value) ? value[0] : value) ?? null;
    },
    body: answer.body,
    text: () => answer.body.text(),
    cancel: () => void answer.body.destroy(),
  };
};

const sendBy =
  (fetch: Fetch): Send =>
  async ({ url, method, headers, body, signal }) => {
    const controller = new AbortController();
    const response = await fetch(url, {
      method,
      headers,
      body: body ?? null,
      signal: AbortSignal.any([signal, controller.signal]),
      redirect: 'manual',
    });
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      body: response.body ?? new ReadableStream({ start: (controller) => controller.close() }),
      text: () => response.text(),
      cancel: () => controller.abort(),
    };
  };

/** The way that the host gives, or the cheapest that the runtime has. */
export const createSend = (fetch: Fetch | undefined): Send => {
  if (fetch !== undefined) return sendBy(fetch);
  const versions = (globalThis as { process?: { versions?: Record<string, string> } }).process?.versions;
  return versions?.['node'] !== undefined && versions['bun'] === undefined
    ? sendByUndici
    : sendBy(globalThis.fetch);
};

/** Headers are one whatever their case; a caller's must replace the SDK's. */
export const lowerCaseNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
