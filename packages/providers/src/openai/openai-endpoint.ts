import { ConfigError, ProviderError } from '@millrace/core/model';
import type {
  CredentialRequirement,
  KeyVerification,
  ModelInfo,
  Provider,
  ProviderContext,
} from '@millrace/core/provider';
import { asList, asObject, asText, type ChatDialect } from '../openai-chat/index.js';
import { createChatTransport } from './chat-transport.js';

import { createSdkRequests } from './sdk-client.js';
import { createSend, type Fetch } from './send.js';
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
  const send = createSend(options.fetch);
  const requests = createSdkRequests({ ...options, baseUrl: checkedUrl(options.baseUrl, id) });

  const listModels = async ({ credential: key, signal }: ProviderContext): Promise<readonly string[]> => {
    const failure = { provider: id, signal, secret: key?.apiKey };
    try {
      const answer = await send({ ...(await requests(key?.apiKey)).models, signal });
      if (answer.status < 200 || answer.status >= 300) throw await refusedAnswer(answer, failure);
      const { data } = asObject<{ data?: unknown }>(JSON.parse(await answer.text()));
      return asList(data).flatMap((entry) => asText(asObject<{ id?: unknown }>(entry).id) ?? []);
    } catch (error) {
      if (error instanceof SyntaxError) {
        const message = `${label} answered the list of models with something that is not JSON.`;
        throw new ProviderError('INVALID_RESPONSE', message, { provider: id });
      }
      throw transportFailure(error, failure, false);
    }
  };

  return {
    specification: 'millrace-provider-v1',
    id,
    label,
    credential,
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey, label: `${id} apiKey` }) } }),
    models,
    stream: createChatTransport(requests, send, dialect),
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
