import type { Agent, EnvHttpProxyAgent, request } from 'undici';

/** The part of `fetch` that an SDK needs to send a request and read the answer. */
export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface Undici {
  readonly request: typeof request;
  readonly dispatcher: Agent | EnvHttpProxyAgent;
}

let loading: Promise<Undici> | undefined;

/** Time limits are the gateway's; connections stay open between calls. */
const NO_LIMIT = { headersTimeout: 0, bodyTimeout: 0 };

const loadUndici = async (): Promise<Undici> => {
  const { Agent, EnvHttpProxyAgent, request } = await import('undici');
  const dispatcher = process.env['NODE_USE_ENV_PROXY']
    ? new EnvHttpProxyAgent(NO_LIMIT)
    : new Agent(NO_LIMIT);
  return { request, dispatcher };
};

/**
 * `fetch` over undici's lower interface, which costs a fraction of the standard one: no web streams, no request and
 * response objects. Its answer has what is read here (`ok`, `status`, `headers`, `body`, `text()`), and its body is a
 * Node stream. Redirects are not followed: an API that moved should be addressed where it is.
 */
const leanFetch: Fetch = async (url, init = {}) => {
  loading ??= loadUndici();
  const { request, dispatcher } = await loading;
  const { statusCode, headers, body } = await request(String(url), {
    method: (init.method ?? 'GET') as 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    body: typeof init.body === 'string' ? init.body : null,
    signal: init.signal ?? undefined,
    dispatcher,
  });
  const answer = {
    ok: statusCode >= 200 && statusCode < 300,
    status: statusCode,
    headers: new Headers(headers as Record<string, string>),
    body,
    text: () => body.text(),
  };
  return answer as unknown as Response;
};

/** The cheapest `fetch` that the runtime has. */
export const defaultFetch = (): Fetch => {
  const versions = (globalThis as { process?: { versions?: Record<string, string> } }).process?.versions;
  return versions?.['node'] !== undefined && versions['bun'] === undefined ? leanFetch : fetch;
};
