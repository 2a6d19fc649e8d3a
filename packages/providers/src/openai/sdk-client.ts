import { MillraceError } from '@millrace/core/model';
import type * as Sdk from 'openai';
import type { Outgoing } from './send.js';

/** What every client of one provider shares. */
export interface SdkClientOptions {
  readonly baseUrl: string;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Headers that the SDK takes from the environment are for OpenAI; they must not reach another vendor. */
  readonly dropEnvironmentHeaders: boolean;
}

/** Where a request goes and what it says of itself, as the SDK writes it. */
type Prepared = Pick<Outgoing, 'url' | 'method' | 'headers'>;

/** The requests that a key can make. */
interface PreparedRequests {
  readonly chat: Prepared;
  readonly models: Prepared;
}

/** Gives the prepared requests of a key. */
export type SdkRequests = (apiKey: string | undefined) => Promise<PreparedRequests>;

/** Keys rotate; what was prepared for this many is kept. */
const MOST_KEYS = 16;

/**
 * Loads the SDK with the first call, and has it write the address, the authorisation and the headers of a request,
 * once for each key. Sending is ours: the SDK's own way costs as much as everything else of a call together, for
 * retries, time limits and logs that the gateway has already.
 */
export const createSdkRequests = (options: SdkClientOptions): SdkRequests => {
  const prepared = new Map<string, Promise<PreparedRequests>>();
  return (apiKey) => {
    const key = apiKey ?? '';
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const fresh = prepare(options, apiKey);
    prepared.set(key, fresh);
    fresh.catch(() => prepared.delete(key));
    const [oldest] = prepared.keys();
    if (prepared.size > MOST_KEYS && oldest !== undefined) prepared.delete(oldest);
    return fresh;
  };
};

const prepare = async (options: SdkClientOptions, apiKey: string | undefined): Promise<PreparedRequests> => {
  const sdk = await loadSdk();
  const client = new sdk.OpenAI({
    // Everything is given, so that nothing is taken from the environment behind the host's back.
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    baseURL: options.baseUrl,
    organization: options.organization ?? null,
    project: options.project ?? null,
    webhookSecret: null,
    defaultHeaders: {
      ...(options.dropEnvironmentHeaders && environmentHeaders()),
      ...(apiKey === undefined && { authorization: null }),
      // Theirs tell of a retry and a time limit of the SDK, which has neither here.
      'x-stainless-retry-count': null,
      'x-stainless-timeout': null,
      ...options.headers,
    },
    maxRetries: 0,
    logLevel: 'off',
  });
  return {
    chat: await write(client, 'post', '/chat/completions'),
    models: await write(client, 'get', '/models'),
  };
};

const write = async (client: Sdk.OpenAI, method: 'get' | 'post', path: string): Promise<Prepared> => {
  const body = method === 'post' ? { body: {} } : {};
  const { req, url } = await client.buildRequest({ method, path, ...body });
  return {
    url,
    method: method === 'post' ? 'POST' : 'GET',
    headers: Object.fromEntries(new Headers(req.headers)),
  };
};

const loadSdk = async (): Promise<typeof Sdk> => {
  try {
    return await import('openai');
  } catch (cause) {
    throw new MillraceError(
      'MISSING_PACKAGE',
      'The package "openai" is needed for this provider. Run: npm install openai',
      { cause },
    );
  }
};

const environmentHeaders = (): Record<string, null> => {
  const lines = (process.env['OPENAI_CUSTOM_HEADERS'] ?? '').split('\n');
  const names = lines
    .map((line) => line.split(':')[0]?.trim())
    .filter((name) => name !== undefined && name !== '');
  return Object.fromEntries(names.map((name) => [name, null]));
};
