import { type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, ModelInfo, Provider, ProviderContext } from '@millrace/core/provider';
import { createAnswerReader } from './answer-reader.ts';
import { type Api, createApi } from './api.ts';
import { readEvents } from './read-events.ts';
import { writeRequest } from './write-request.ts';

/** How to reach Cohere. */
export interface CohereOptions {
  /** Default: `cohere`. */
  readonly id?: string | undefined;
  /** Default: asked of the gateway's credential source at each call, which looks for `CO_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Default: `https://api.cohere.com`. */
  readonly baseUrl?: string | undefined;
  /** Default: a short list with prices; check them against the vendor's before you rely on them. */
  readonly models?: readonly ModelInfo[] | undefined;
}

const capabilities = { tools: true, vision: false, json: 'schema', reasoning: false } as const;

/** Prices in US dollars per million tokens, from the vendor's price page. */
const MODELS: readonly ModelInfo[] = [
  {
    id: 'command-a-03-2025',
    tier: 'premium',
    price: { input: 2.5, output: 10 },
    contextWindow: 256_000,
    maxOutputTokens: 8_000,
    capabilities,
    asOf: '2025-12-01',
  },
  {
    id: 'command-r7b-12-2024',
    tier: 'economy',
    price: { input: 0.0375, output: 0.15 },
    contextWindow: 128_000,
    maxOutputTokens: 4_000,
    capabilities,
    asOf: '2025-12-01',
  },
];
const EMBEDDING_MODELS: readonly ModelInfo[] = [
  { id: 'embed-v4.0', price: { input: 0.12, output: 0 }, contextWindow: 128_000, asOf: '2025-12-01' },
];
/** Texts that one request may hold. */
const MOST_TEXTS = 96;

/** Cohere's models, by the second version of its chat API. */
export const cohere = (options: CohereOptions = {}): Provider => {
  const { id = 'cohere', apiKey, models = MODELS } = options;
  const api = createApi(id, options.baseUrl ?? 'https://api.cohere.com');

  const discoverModels = async (context: ProviderContext): Promise<readonly ModelInfo[]> => {
    const { models: listed = [] } = (await api.json(
      'GET',
      '/v1/models?endpoint=chat&page_size=1000',
      undefined,
      context,
    )) as {
      models?: { name?: string; context_length?: number }[];
    };
    return listed.flatMap(({ name, context_length }) =>
      name === undefined
        ? []
        : [{ id: name, ...(context_length !== undefined && { contextWindow: context_length }) }],
    );
  };

  return {
    specification: 'millrace-provider-v1',
    id,
    label: 'Cohere',
    credential: { required: true, environmentVariable: 'CO_API_KEY' },
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey }) } }),
    models,
    embeddingModels: EMBEDDING_MODELS,
    stream: (request, context) => answer(api, id, request, context),
    discoverModels,
    async verify(context) {
      await discoverModels(context);
      return { status: 'verified', message: 'Cohere accepted the key.' };
    },
    async embed({ model, values, dimensions, purpose = 'document' }, context) {
      const embeddings: number[][] = [];
      let tokensIn = 0;
      for (let start = 0; start < values.length; start += MOST_TEXTS) {
        const texts = values.slice(start, start + MOST_TEXTS);
        const body = {
          model,
          texts,
          input_type: `search_${purpose}`,
          embedding_types: ['float'],
          output_dimension: dimensions,
        };
        const reply = (await api.json('POST', '/v2/embed', body, context)) as {
          embeddings?: { float?: number[][] };
          meta?: { billed_units?: { input_tokens?: number } };
        };
        const vectors = reply.embeddings?.float ?? [];
        if (vectors.length !== texts.length) {
          const message = `${id}:${model} gave ${vectors.length} vectors for ${texts.length} texts.`;
          throw new ProviderError('INVALID_RESPONSE', message, { provider: id, model });
        }
        embeddings.push(...vectors);
        tokensIn += reply.meta?.billed_units?.input_tokens ?? 0;
      }
      return { embeddings, modelId: model, tokensIn, warnings: [] };
    },
  };
};

/** Nothing happens before the first event is pulled: this is a generator. */
async function* answer(
  api: Api,
  provider: string,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<ModelEvent> {
  const { model } = request;
  const stream = context.delivery === 'incremental';
  const { body, warnings } = writeRequest(request, provider, stream);
  const reader = createAnswerReader({ provider, model, warnings });
  if (!stream) {
    yield* reader.whole(await api.json('POST', '/v2/chat', body, context, request));
    return;
  }
  const response = await api.send('POST', '/v2/chat', body, context, request);
  try {
    for await (const event of readEvents(response)) yield* reader.add(event);
  } catch (error) {
    throw api.failure(error, context, reader.begun, model);
  }
  reader.checkEnd();
}
