import type { Dispatcher } from 'undici';
import { dispatchRequest } from './dispatch-request.js';
import type { Send } from './exchange.js';

/** The standard `fetch`, as a host may hand it in. */
export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface Undici {
  readonly dispatcher: Dispatcher;
}

/** Time limits are the gateway's; connections stay open between calls. */
const NO_LIMIT = { headersTimeout: 0, bodyTimeout: 0 };
let loading: Promise<Undici> | undefined;
let loaded: Undici | undefined;

const loadUndici = async (): Promise<Undici> => {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const dispatcher = process.env['NODE_USE_ENV_PROXY']
    ? new EnvHttpProxyAgent(NO_LIMIT)
    : new Agent(NO_LIMIT);
  loaded = { dispatcher };
  return loaded;
};

/**
 * Over undici's lowest interface, which costs a fraction of `fetch`: no streams, no request and response objects.
 * Redirects are not followed: an API that moved should be addressed where it is.
 */
const sendByUndici: Send = async (outgoing) => {
  loading ??= loadUndici();
  const { dispatcher } = loaded ?? (await loading);
  return dispatchRequest(dispatcher, outgoing);
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
