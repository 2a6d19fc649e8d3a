import { MillraceError, ProviderError } from '@millrace/core/model';
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
import { googleTraits } from './model-traits.js';
import { GOOGLE_EMBEDDING_MODELS, GOOGLE_MODELS } from './models.js';
import { createSdkRequests } from './sdk-requests.js';
import { refusedByGoogle } from './vendor-error.js';
import { writeRequest } from './write-request.js';

/** How to reach Gemini. */
export interface GoogleOptions {
  /** Default: `google`. */
  readonly id?: string | undefined;
  /** The name for people. Default: `Google Gemini`. */
  readonly label?: string | undefined;
  /** Default: asked of the gateway's credential source at each call, which looks for `GEMINI_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Without the version. Default: `https://generativelanguage.googleapis.com`. */
  readonly baseUrl?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the built-in list, with prices where they are known. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Default: on Node a lean one over undici, elsewhere the runtime's own. */
  readonly fetch?: Fetch | undefined;
}

/** Texts that one request for vectors takes. */
const MOST_TEXTS = 100;
const MODEL = /^[A-Za-z0-9._/-]+$/;

/**
 * Google Gemini over its own SDK, by generateContent. The `@google/genai` package is loaded with the first call.
 *
 * Under `providerOptions.google` a request takes the fields of the body, such as `safetySettings`, `cachedContent`,
 * `generationConfig` and the vendor's own `tools`, and `thinkingConfig`.
 *
 * @throws ConfigError when the base URL is no URL.
 */
export const google = (options: GoogleOptions = {}): Provider => {
  const { id = 'google', label = 'Google Gemini', apiKey, models = GOOGLE_MODELS } = options;
  const baseUrl = checkBaseUrl(options.baseUrl ?? 'https://generativelanguage.googleapis.com', id);
  const send = createSend(options.fetch);
  const sendJson = createJsonSender(id, send, refusedByGoogle);
  const requests = createSdkRequests({ baseUrl, headers: options.headers });

  const pathOf = (model: string, action: string): string => {
    if (MODEL.test(model)) return `models/${model.replace(/^models\//, '')}:${action}`;
    throw new MillraceError('BAD_REQUEST', `${id}: "${model.slice(0, 60)}" is no name of a model.`);
  };
  const post = async (
    context: ProviderContext,
    model: string,
    action: string,
    body: object,
  ): Promise<unknown> => {
    const path = pathOf(model, action);
    const call = requests(context.credential?.apiKey).then(({ root, headers }) => ({
      model,
      outgoing: { url: `${root}/${path}`, method: 'POST' as const, headers, body: JSON.stringify(body) },
    }));
    return (await sendJson(call, context)).value;
  };
  const listModels = async (context: ProviderContext): Promise<readonly ModelInfo[]> => {
    const call = requests(context.credential?.apiKey).then(({ root, headers }) => ({
      outgoing: { url: `${root}/models?pageSize=1000`, method: 'GET' as const, headers },
    }));
    const { value } = await sendJson(call, context);
    return asList(asObject<{ models?: unknown }>(value).models).flatMap(toModelInfo);
  };

  return {
    specification: 'millrace-provider-v1',
    id,
    label,
    credential: { required: true, environmentVariable: 'GEMINI_API_KEY' },
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey, label: `${id} apiKey` }) } }),
    models,
    embeddingModels: GOOGLE_EMBEDDING_MODELS,
    stream: createVendorStream({
      provider: id,
      send,
      payloads: readServerSentEvents,
      refused: refusedByGoogle,
      async prepare(request, { credential, delivery }) {
        const { body, warnings, jsonTool } = writeRequest(request, id, googleTraits(request.model));
        const action = delivery === 'incremental' ? 'streamGenerateContent?alt=sse' : 'generateContent';
        const path = pathOf(request.model, action);
        const { root, headers } = await requests(credential?.apiKey);
        return {
          outgoing: { url: `${root}/${path}`, method: 'POST', headers, body: JSON.stringify(body) },
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
      const { contents, systemInstruction, tools } = writeRequest(
        request,
        id,
        googleTraits(request.model),
      ).body;
      const model = `models/${request.model.replace(/^models\//, '')}`;
      const generateContentRequest = { model, contents, systemInstruction, tools };
      const value = await post(context, request.model, 'countTokens', { generateContentRequest });
      const tokensIn = asCount(asObject<{ totalTokens?: unknown }>(value).totalTokens);
      if (tokensIn !== undefined) return { tokensIn, estimated: false };
      const message = `${id}:${request.model} counted no tokens; check the base URL.`;
      throw new ProviderError('INVALID_RESPONSE', message, { provider: id, model: request.model });
    },
    async embed({ model, values, dimensions, purpose, providerOptions }, context) {
      const taskType =
        purpose === undefined ? undefined : purpose === 'query' ? 'RETRIEVAL_QUERY' : 'RETRIEVAL_DOCUMENT';
      const embeddings: (readonly number[])[] = [];
      for (let start = 0; start < values.length; start += MOST_TEXTS) {
        const texts = values.slice(start, start + MOST_TEXTS);
        const value = await post(context, model, 'batchEmbedContents', {
          requests: texts.map((text) => ({
            model: `models/${model.replace(/^models\//, '')}`,
            content: { parts: [{ text }] },
            taskType,
            outputDimensionality: dimensions,
            ...providerOptions?.['google'],
          })),
        });
        const vectors = asList(asObject<{ embeddings?: unknown }>(value).embeddings).map((entry) =>
          asList(asObject<{ values?: unknown }>(entry).values).map(Number),
        );
        if (vectors.length !== texts.length) {
          const message = `${id}:${model} gave ${vectors.length} vectors for ${texts.length} texts.`;
          throw new ProviderError('INVALID_RESPONSE', message, { provider: id, model });
        }
        embeddings.push(...vectors);
      }
      return { embeddings, modelId: model, tokensIn: undefined, warnings: [] };
    },
    batch: createBatches({
      provider: id,
      sendJson,
      requests,
      write: (request) => writeRequest(request, id, googleTraits(request.model)),
    }),
  };
};

const toModelInfo = (entry: unknown): readonly ModelInfo[] => {
  const model = asObject<{
    name?: unknown;
    supportedGenerationMethods?: unknown;
    inputTokenLimit?: unknown;
    outputTokenLimit?: unknown;
  }>(entry);
  const name = asText(model.name)?.replace(/^models\//, '');
  if (name === undefined || !asList(model.supportedGenerationMethods).includes('generateContent')) return [];
  const contextWindow = asCount(model.inputTokenLimit);
  const maxOutputTokens = asCount(model.outputTokenLimit);
  return [
    {
      id: name,
      ...(contextWindow !== undefined && { contextWindow }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
  ];
};
