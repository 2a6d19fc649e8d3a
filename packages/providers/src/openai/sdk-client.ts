import { MillraceError } from '@millrace/core/model';
import type { OpenAI } from 'openai';
import type { Fetch } from './lean-fetch.js';

/** What every client of one provider shares. */
export interface SdkClientOptions {
  readonly baseUrl: string;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly fetch: Fetch;
  /** Headers that the SDK takes from the environment are for OpenAI; they must not reach another vendor. */
  readonly dropEnvironmentHeaders: boolean;
}

/** Gives the SDK's client for a key. */
export type SdkClients = (apiKey: string | undefined) => Promise<OpenAI>;

/** Keys rotate; the clients of this many are kept. */
const MOST_CLIENTS = 16;
/** The gateway has its own limits; the SDK's must not come before them. */
const NO_LIMIT_MS = 0x7fff_ffff;

/** Loads the SDK with the first call, and makes one client for each key. Keys are reachable through nothing but these clients. */
export const createSdkClients = (options: SdkClientOptions): SdkClients => {
  const clients = new Map<string, OpenAI>();
  return async (apiKey) => {
    const known = clients.get(apiKey ?? '');
    if (known !== undefined) return known;
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
        ...options.headers,
      },
      fetch: options.fetch,
      maxRetries: 0,
      timeout: NO_LIMIT_MS,
      logLevel: 'off',
    });
    clients.set(apiKey ?? '', client);
    const [oldest] = clients.keys();
    if (clients.size > MOST_CLIENTS && oldest !== undefined) clients.delete(oldest);
    return client;
  };
};

const loadSdk = async (): Promise<typeof import('openai')> => {
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
