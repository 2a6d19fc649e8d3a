import type { LanguageModelV4, ProviderV4 } from '@ai-sdk/provider';
import type { CallLabels, Gateway, TimeLimits } from '@millrace/core/gateway';
import { createGatewayEmbeddingModel } from './gateway-embedding-model.js';
import { createGatewayModel, type SupportedUrls } from './gateway-model.js';
import { noSuchModel, type Retries } from './to-sdk-error.js';

/** How a gateway appears to the AI SDK. */
export interface ToAiSdkOptions extends CallLabels {
  /** The provider's name in the AI SDK's results and telemetry. Default: `millrace`. */
  readonly provider?: string | undefined;
  /** In place of the gateway's. */
  readonly timeLimits?: TimeLimits | undefined;
  /**
   * Who sends a failed request again; never both, which would multiply. `gateway`: the gateway, as its `retry` says, and
   * no failure is marked as retryable, so that `maxRetries` of the AI SDK finds nothing to repeat. `caller`: the AI SDK,
   * as `maxRetries` says, each time as a call of its own in the ledger; the gateway does not. Default: `gateway`.
   */
  readonly retries?: Retries | undefined;
  /**
   * URLs of files, by media type, that every model in question fetches by itself; the AI SDK downloads all others and
   * passes on the bytes. Default: those of the model, where the id names one that came from `fromAiSdk`; else none,
   * because who will answer is not known.
   */
  readonly supportedUrls?: SupportedUrls | undefined;
}

/** A gateway as a provider of the AI SDK. */
export interface AiSdkGateway extends ProviderV4 {
  /** The model of an id; the same as `languageModel`. */
  (modelId?: string): LanguageModelV4;
  /**
   * A model of the gateway. Asks nobody.
   *
   * @param modelId - Whatever a gateway takes: `provider:model`, a bare name, an alias, `tier:economy`. Default: `auto`.
   */
  languageModel(modelId?: string): LanguageModelV4;
}

/**
 * A gateway as a provider of the AI SDK, for `generateText`, `streamText`, tool loops, structured output and embeddings. Labels and
 * the route of one call may be given under `providerOptions.millrace` (see `GatewayCallOptions`); id, route and
 * cost of a call come back under `providerMetadata.millrace`.
 */
export const toAiSdk = (gateway: Gateway, options: ToAiSdkOptions = {}): AiSdkGateway => {
  const {
    provider = 'millrace',
    retries = 'gateway',
    supportedUrls,
    project,
    user,
    tags,
    timeLimits,
  } = options;
  const retry = retries === 'caller' ? { retries: 0 } : undefined;
  const labels = { project, user, tags };
  const languageModel = (modelId = 'auto'): LanguageModelV4 =>
    createGatewayModel(gateway, {
      provider,
      defaults: { ...labels, model: modelId, timeLimits, retry },
      retries,
      supportedUrls,
    });
  return Object.assign(languageModel.bind(undefined), {
    specificationVersion: 'v4' as const,
    languageModel,
    embeddingModel: (modelId: string) =>
      createGatewayEmbeddingModel(gateway, { provider, modelId, retries, labels }),
    imageModel(modelId: string): never {
      throw noSuchModel(modelId, 'imageModel');
    },
  });
};
