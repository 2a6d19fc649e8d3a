import { ConfigError, MillraceError } from '@millrace/core/model';
import type {
  CredentialRequirement,
  KeyVerification,
  ModelInfo,
  Provider,
  ProviderContext,
} from '@millrace/core/provider';
import { asList, asObject, asText, type ChatDialect } from '../openai-chat/index.js';
import { createChatTransport } from './chat-transport.js';
import { defaultFetch, type Fetch } from './lean-fetch.js';
import { createSdkClients } from './sdk-client.js';
import { refusedAnswer, transportFailure } from './vendor-failure.js';

/** What any endpoint of this dialect is built from. */
export interface EndpointOptions {
  readonly id: string;
  readonly label: string;
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly credential: CredentialRequirement;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly models: readonly ModelInfo[];
  readonly fetch?: Fetch | undefined;
  readonly dialect: ChatDialect;
  readonly dropEnvironmentHeaders: boolean;
  /** Whether a model that the vendor lists can chat. */
  readonly isChatModel: (id: string) => boolean;
}

/** A provider over an endpoint that speaks chat completions. */
export const createEndpoint = (options: EndpointOptions): Provider => {
  const { id, label, credential, models, dialect } = options;
  const { apiKey } = options;
  const send = options.fetch ?? defaultFetch();

  // A refusal is read here, so that its body never passes through the SDK's errors, which keep it.
  const guardedFetch: Fetch = async (url, init) => {
    const response = await send(url, init);
    if (response.ok) return response;
    const sent = new Headers(init?.headers).get('authorization')?.replace(/^Bearer /, '');
    const signal = init?.signal ?? new AbortController().signal;
    throw await refusedAnswer(response, { provider: id, secret: sent, signal });
  };
  const clients = createSdkClients({
    ...options,
    baseUrl: checkedUrl(options.baseUrl, id),
    fetch: guardedFetch,
  });

  const listModels = async (context: ProviderContext): Promise<readonly string[]> => {
    try {
      const client = await clients(context.credential?.apiKey);
      const response = await client.get('/models', { signal: context.signal }).asResponse();
      const { data } = asObject<{ data?: unknown }>(JSON.parse(await response.text()));
      return asList(data).flatMap((entry) => asText(asObject<{ id?: unknown }>(entry).id) ?? []);
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw new MillraceError(
          'INVALID_RESPONSE',
          `${label} answered the list of models with something that is not JSON.`,
        );
      }
      throw transportFailure(error, { provider: id, signal: context.signal }, false);
    }
  };

  return {
    specification: 'millrace-provider-v1',
    id,
    label,
    credential,
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey, label: `${id} apiKey` }) } }),
    models,
    stream: createChatTransport(clients, dialect),
    async discoverModels(context) {
      return (await listModels(context)).filter(options.isChatModel).map((model) => ({ id: model }));
    },
    async verify(context): Promise<KeyVerification> {
      await listModels(context);
      return { status: 'verified', message: `${label} accepted the key.` };
    },
  };
};

const checkedUrl = (text: string, id: string): string => {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:'))
    return text.replace(/\/+$/, '');
  throw new ConfigError(
    `The base URL of "${id}" must begin with http:// or https://, not "${text.slice(0, 60)}".`,
    { key: 'baseUrl' },
  );
};
