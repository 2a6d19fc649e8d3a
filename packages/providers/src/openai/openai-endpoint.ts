import type {
  CredentialRequirement,
  KeyVerification,
  ModelInfo,
  Provider,
  ProviderContext,
} from '@millrace/core/provider';
import type { ChatDialect } from '../openai-chat/index.js';
import {
  asList,
  asObject,
  asText,
  checkBaseUrl,
  createJsonSender,
  createSend,
  type Fetch,
} from '../transport/index.js';
import { createChatTransport } from './chat-transport.js';
import { createSdkRequests } from './sdk-client.js';

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
  const requests = createSdkRequests({ ...options, baseUrl: checkBaseUrl(options.baseUrl, id) });

  const sendJson = createJsonSender(id, send);

  const listModels = async (context: ProviderContext): Promise<readonly string[]> => {
    const outgoing = requests(context.credential?.apiKey).then(({ models }) => ({ outgoing: models }));
    const { value } = await sendJson(outgoing, context);
    const { data } = asObject<{ data?: unknown }>(value);
    return asList(data).flatMap((entry) => asText(asObject<{ id?: unknown }>(entry).id) ?? []);
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
