import { ProviderError } from '@millrace/core/model';
import type { Provider } from '@millrace/core/provider';
import { asCount, asList, asObject, asText, type createJsonSender } from '../transport/index.js';
import type { SdkRequests } from './sdk-client.js';

/** Texts that one request may hold (platform.openai.com/docs/api-reference/embeddings, read 2026-11-20). */
const MOST_TEXTS = 2_048;

/** Makes vectors by the embeddings endpoint. */
export const createEmbed =
  (
    provider: string,
    requests: SdkRequests,
    sendJson: ReturnType<typeof createJsonSender>,
  ): NonNullable<Provider['embed']> =>
  async ({ model, values, dimensions, providerOptions, headers }, context) => {
    const embeddings: (readonly number[])[] = [];
    let tokensIn: number | undefined = 0;
    let modelId = model;
    for (let start = 0; start < values.length; start += MOST_TEXTS) {
      const texts = values.slice(start, start + MOST_TEXTS);
      const body = {
        model,
        input: texts,
        dimensions,
        encoding_format: 'float',
        ...providerOptions?.['openai'],
        ...providerOptions?.[provider],
      };
      const call = requests(context.credential?.apiKey).then(({ embeddings: prepared }) => ({
        model,
        outgoing: { ...prepared, headers: { ...prepared.headers, ...headers }, body: JSON.stringify(body) },
      }));
      const { value } = await sendJson(call, context);
      const reply = asObject<{ data?: unknown; model?: unknown; usage?: unknown }>(value);
      embeddings.push(...readVectors(reply.data, texts.length, { provider, model }));
      modelId = asText(reply.model) ?? modelId;
      const used = asCount(asObject<{ prompt_tokens?: unknown }>(reply.usage).prompt_tokens);
      tokensIn = tokensIn === undefined || used === undefined ? undefined : tokensIn + used;
    }
    return { embeddings, modelId, tokensIn, warnings: [] };
  };

/** The vectors in the order of their texts, whatever the order of the answer. */
const readVectors = (
  data: unknown,
  count: number,
  { provider, model }: { readonly provider: string; readonly model: string },
): readonly (readonly number[])[] => {
  const vectors: (readonly number[])[] = [];
  for (const [place, entry] of asList(data).entries()) {
    const { index, embedding } = asObject<{ index?: unknown; embedding?: unknown }>(entry);
    vectors[typeof index === 'number' ? index : place] = asList(embedding).map(Number);
  }
  const found = vectors.filter((vector) => vector.length > 0);
  if (found.length === count && vectors.length === count) return vectors;
  throw new ProviderError(
    'INVALID_RESPONSE',
    `${provider}:${model} gave ${found.length} vectors for ${count} texts.`,
    { provider, model },
  );
};
