import type * as Sdk from '@anthropic-ai/sdk';
import { loadSdk, type Outgoing, perKey } from '../transport/index.js';

/**
 * The version that our conversion is proven against. The next one, 2026-10-21, takes no sampling settings from any model
 * and is not spoken by compatible servers; a host can ask for it by `headers`.
 */
const API_VERSION = '2023-06-01';

/** What every client of one provider shares. */
export interface SdkRequestOptions {
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Where a request goes and what it says of itself, as the SDK writes it. */
type Prepared = Pick<Outgoing, 'url' | 'method' | 'headers'>;

/** The requests that a key can make. */
export interface PreparedRequests {
  readonly messages: Prepared;
  readonly countTokens: Prepared;
  readonly models: Prepared;
  readonly batches: Prepared;
  /** One batch: its id goes behind the address. */
  readonly batch: Prepared;
}

/** Gives the prepared requests of a key. The SDK is loaded with the first call. */
export const createSdkRequests = (
  options: SdkRequestOptions,
): ((apiKey: string | undefined) => Promise<PreparedRequests>) =>
  perKey(async (apiKey) => {
    const { Anthropic } = await loadSdk('@anthropic-ai/sdk', () => import('@anthropic-ai/sdk'));
    const client = new Anthropic({
      // Everything is given, so that nothing is taken from the environment behind the host's back.
      apiKey: apiKey ?? 'none',
      authToken: null,
      webhookKey: null,
      baseURL: options.baseUrl,
      defaultHeaders: {
        // The header that every server of this API takes; the SDK writes a bearer token, which some do not.
        authorization: null,
        'x-api-key': apiKey ?? null,
        'anthropic-version': API_VERSION,
        // Theirs tell of a retry and a time limit of the SDK, which has neither here.
        'x-stainless-retry-count': null,
        'x-stainless-timeout': null,
        ...options.headers,
      },
      maxRetries: 0,
      logLevel: 'off',
    });
    return {
      messages: await write(client, 'post', '/v1/messages'),
      countTokens: await write(client, 'post', '/v1/messages/count_tokens'),
      models: await write(client, 'get', '/v1/models?limit=1000'),
      batches: await write(client, 'post', '/v1/messages/batches'),
      batch: await write(client, 'get', '/v1/messages/batches/'),
    };
  });

const write = async (client: Sdk.Anthropic, method: 'get' | 'post', path: string): Promise<Prepared> => {
  const body = method === 'post' ? { body: {} } : {};
  const { req, url } = await client.buildRequest({ method, path, ...body });
  return {
    url,
    method: method === 'post' ? 'POST' : 'GET',
    headers: Object.fromEntries(new Headers(req.headers)),
  };
};
