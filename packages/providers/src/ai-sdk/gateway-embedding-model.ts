import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import type { CallLabels, Gateway } from '@millrace/core/gateway';
import { definedHeaders } from './from-sdk-call-options.js';
import { readGatewayCallOptions } from './gateway-call-options.js';
import { writeWarning } from './to-sdk-answer.js';
import { type Retries, toSdkError } from './to-sdk-error.js';

/** How a gateway's embedding model is made. */
export interface GatewayEmbeddingModelOptions {
  readonly provider: string;
  readonly modelId: string;
  readonly retries: Retries;
  readonly labels: CallLabels;
}

/** One embedding model of a gateway, for the AI SDK. */
export const createGatewayEmbeddingModel = (
  gateway: Gateway,
  { provider, modelId, retries, labels }: GatewayEmbeddingModelOptions,
): EmbeddingModelV4 => ({
  specificationVersion: 'v4',
  provider,
  modelId,
  // The gateway splits what is too much for one request.
  maxEmbeddingsPerCall: undefined,
  supportsParallelCalls: true,
  async doEmbed({ values, dimensions, abortSignal, providerOptions, headers }) {
    try {
      const { millrace, ...vendors } = providerOptions ?? {};
      const { model = modelId, project, user, tags, timeLimits, retry } = readGatewayCallOptions(millrace);
      const { id, embeddings, cost, route, warnings } = await gateway.embed({
        model,
        values,
        dimensions,
        project: project ?? labels.project,
        user: user ?? labels.user,
        tags: tags ?? labels.tags,
        timeLimits,
        retry: retry ?? (retries === 'caller' ? { retries: 0 } : undefined),
        providerOptions: vendors,
        headers: headers && definedHeaders(headers),
        signal: abortSignal,
      });
      return {
        embeddings: embeddings.map((vector) => [...vector]),
        usage: { tokens: cost.tokensIn },
        warnings: warnings.map(writeWarning),
        providerMetadata: { millrace: { callId: id, route: { ...route }, cost: { ...cost } } },
      };
    } catch (error) {
      throw toSdkError(error, { signal: abortSignal, retries });
    }
  },
});
