import type { LanguageModelV4, ProviderV4 } from '@ai-sdk/provider';
import type { CallLabels, Gateway, TimeLimits } from '@millrace/core/gateway';
import { createGatewayModel, type SupportedUrls } from './gateway-model.js';
import { noSuchModel, type Retries } from './to-sdk-error.js';

/** How a gateway appears to the AI SDK. */
export interface ToAiSdkOptions extends CallLabels {
  /** The provider's name in the AI SDK's results and telemetry. Default: `millrace`. */
  readonly name?: string | undefined;
  /** In place of the gateway's. */
  readonly timeLimits?: TimeLimits | undefined;
  /**
   * Who sends a failed request again; never both, which would multiply. `caller`: the AI SDK, as its `maxRetries` says,
   * each time as a call of its own in the ledger; the gateway does not. `gateway`: the gateway, as its `retry` says, and
   * no failure is marked as retryable. Default: `caller`.
   */
  readonly retries?: Retries | undefined;
  /**
   * URLs of files that the models fetch by themselves; the AI SDK downloads all others and passes on the bytes.
   * Default: those of the model, where the id names one that came from `fromAiSdk`; else none, because who will answer
   * is not known.
   */
  readonly supportedUrls?: ((modelId: string) => SupportedUrls) | undefined;
}

/** A gateway as a provider of the AI SDK. */
export interface MillraceAiSdkProvider extends ProviderV4 {
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
 * A gateway as a provider of the AI SDK, for `generateText`, `streamText`, tool loops and structured output. Labels and
 * the route of one call may be given under `providerOptions.millrace` (see `MillraceCallOptions`); id, route and
 * cost of a call come back under `providerMetadata.millrace`.
 */
export const toAiSdk = (gateway: Gateway, options: ToAiSdkOptions = {}): MillraceAiSdkProvider => {
  const { name = 'millrace', retries = 'caller', supportedUrls, project, user, tags, timeLimits } = options;
  const retry = retries === 'caller' ? { retries: 0 } : undefined;
  const languageModel = (modelId = 'auto'): LanguageModelV4 =>
    createGatewayModel(gateway, {
      provider: name,
      defaults: { model: modelId, project, user, tags, timeLimits, retry },
      retries,
      supportedUrls,
    });
  return Object.assign(languageModel.bind(undefined), {
    specificationVersion: 'v4' as const,
    languageModel,
    embeddingModel(modelId: string): never {
      throw noSuchModel(modelId, 'embeddingModel');
    },
    imageModel(modelId: string): never {
      throw noSuchModel(modelId, 'imageModel');
    },
  });
};
