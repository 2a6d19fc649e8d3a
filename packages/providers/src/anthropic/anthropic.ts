import { ProviderError } from '@millrace/core/model';
import type { KeyVerification, ModelInfo, Provider, ProviderContext } from '@millrace/core/provider';
import {
  asCount,
  asList,
  asObject,
  asText,
  checkBaseUrl,
  createJsonSender,
  createSend,
  createVendorStream,
  type Fetch,
  readServerSentEvents,
} from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';
import { createBatches } from './batch.js';
import { anthropicTraits } from './model-traits.js';
import { ANTHROPIC_MODELS } from './models.js';
import { createSdkRequests } from './sdk-requests.js';
import { outputLimit, writeRequest } from './write-request.js';

/** How to reach Anthropic, or a server that speaks its Messages API. */
export interface AnthropicOptions {
  /** Default: `anthropic`. */
  readonly id?: string | undefined;
  /** The name for people. Default: `Anthropic`. */
  readonly label?: string | undefined;
  /** Default: asked of the gateway's credential source at each call, which looks for `ANTHROPIC_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Without `/v1`. Default: `https://api.anthropic.com`. */
  readonly baseUrl?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the built-in list, with prices. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Default: on Node a lean one over undici, elsewhere the runtime's own. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Anthropic over its own SDK, by the Messages endpoint. The `@anthropic-ai/sdk` package is loaded with the first call.
 *
 * Under `providerOptions.anthropic` a request takes `thinking`, `effort`, `betas`, `structuredOutput` (`native`, `tool`
 * or `auto`) and `cacheControl`; every other field goes into the body as it is. `cacheControl` under a message's, part's
 * or tool's metadata asks the vendor to cache the prompt up to there.
 *
 * @throws ConfigError when the base URL is no URL.
 */
export const anthropic = (options: AnthropicOptions = {}): Provider => {
  const { id = 'anthropic', label = 'Anthropic', apiKey, models = ANTHROPIC_MODELS } = options;
  const baseUrl = checkBaseUrl(options.baseUrl ?? 'https://api.anthropic.com', id).replace(/\/v1$/, '');
  const send = createSend(options.fetch);
  const sendJson = createJsonSender(id, send);
  const requests = createSdkRequests({ baseUrl, headers: options.headers });

  const listModels = async (context: ProviderContext): Promise<readonly ModelInfo[]> => {
    const call = requests(context.credential?.apiKey).then((all) => ({ outgoing: all.models }));
    const { value } = await sendJson(call, context);
    return asList(asObject<{ data?: unknown }>(value).data).flatMap((entry) => {
      const model = asText(asObject<{ id?: unknown }>(entry).id);
      return model === undefined ? [] : [{ id: model }];
    });
  };

  return {
    specification: 'millrace-provider-v1',
    id,
    label,
    credential: { required: true, environmentVariable: 'ANTHROPIC_API_KEY' },
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey, label: `${id} apiKey` }) } }),
    models,
    stream: createVendorStream({
      provider: id,
      send,
      payloads: readServerSentEvents,
      async prepare(request, { credential, delivery }) {
        const traits = anthropicTraits(request.model);
        const { body, warnings, betas, jsonTool } = writeRequest(
          request,
          id,
          traits,
          delivery === 'incremental',
        );
        const { messages } = await requests(credential?.apiKey);
        return {
          outgoing: {
            ...messages,
            headers:
              betas.length === 0
                ? messages.headers
                : { ...messages.headers, 'anthropic-beta': betas.join(',') },
            body: JSON.stringify(body),
          },
          read: (header, failure) => createAnswerReader({ failure, header, warnings, jsonTool }),
        };
      },
    }),
    discoverModels: listModels,
    async verify(context): Promise<KeyVerification> {
      await listModels(context);
      return { status: 'verified', message: `${label} accepted the key.` };
    },
    async countTokens(request, context) {
      const { body, betas } = writeRequest(request, id, anthropicTraits(request.model), false);
      const { model, system, messages, tools, tool_choice, thinking, output_config } = body;
      const counted = { model, system, messages, tools, tool_choice, thinking, output_config };
      const call = requests(context.credential?.apiKey).then(({ countTokens }) => ({
        model: request.model,
        outgoing: {
          ...countTokens,
          headers:
            betas.length === 0
              ? countTokens.headers
              : { ...countTokens.headers, 'anthropic-beta': betas.join(',') },
          body: JSON.stringify(counted),
        },
      }));
      const { value } = await sendJson(call, context);
      const tokensIn = asCount(asObject<{ input_tokens?: unknown }>(value).input_tokens);
      if (tokensIn !== undefined) return { tokensIn, estimated: false };
      const message = `${id}:${request.model} counted no tokens; check the base URL.`;
      throw new ProviderError('INVALID_RESPONSE', message, { provider: id, model: request.model });
    },
    outputLimit: (request) => outputLimit(request, id, anthropicTraits(request.model)),
    batch: createBatches({
      provider: id,
      send,
      sendJson,
      requests,
      write: (request) => writeRequest(request, id, anthropicTraits(request.model), false),
    }),
  };
};
