import type * as Sdk from 'openai';
import { loadSdk, type Outgoing, perKey } from '../transport/index.js';

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
  readonly responses: Prepared;
  readonly embeddings: Prepared;
  readonly models: Prepared;
}

/** Gives the prepared requests of a key. */
export type SdkRequests = (apiKey: string | undefined) => Promise<PreparedRequests>;

/**
 * Loads the SDK with the first call, and has it write the address, the authorisation and the headers of a request,
 * once for each key. Sending is ours: the SDK's own way costs as much as everything else of a call together, for
 * retries, time limits and logs that the gateway has already.
 */
export const createSdkRequests = (options: SdkClientOptions): SdkRequests =>
  perKey((apiKey) => prepare(options, apiKey));

const prepare = async (options: SdkClientOptions, apiKey: string | undefined): Promise<PreparedRequests> => {
  const sdk = await loadSdk('openai', () => import('openai'));
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
    responses: await write(client, 'post', '/responses'),
    embeddings: await write(client, 'post', '/embeddings'),
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

const environmentHeaders = (): Record<string, null> => {
  const lines = (process.env['OPENAI_CUSTOM_HEADERS'] ?? '').split('\n');
  const names = lines
    .map((line) => line.split(':')[0]?.trim())
    .filter((name) => name !== undefined && name !== '');
  return Object.fromEntries(names.map((name) => [name, null]));
};
