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
import { createBatches } from './batch.js';
import { createChatTransport } from './chat-transport.js';
import type { ApiChoice } from './choose-api.js';
import { createEmbed } from './embed.js';
import { createResponsesTransport } from './responses-transport.js';
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
  /** Which endpoint answers a request. */
  readonly api: ApiChoice;
  readonly embeddingModels?: readonly ModelInfo[] | undefined;
  /** Whether the vendor answers batches. */
  readonly batches: boolean;
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
  const chat = createChatTransport(requests, send, dialect);
  const respond = createResponsesTransport(requests, send, dialect);

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
    ...(options.embeddingModels !== undefined && { embeddingModels: options.embeddingModels }),
    stream: (request, context) => (options.api(request) === 'responses' ? respond : chat)(request, context),
    embed: createEmbed(id, requests, sendJson),
    async discoverModels(context) {
      return (await listModels(context)).filter(options.isChatModel).map((model) => ({ id: model }));
    },
    async verify(context): Promise<KeyVerification> {
      await listModels(context);
      return { status: 'verified', message: `${label} accepted the key.` };
    },
    ...(options.batches && {
      batch: createBatches({ dialect, api: options.api, send, sendJson, requests }),
    }),
  };
};
