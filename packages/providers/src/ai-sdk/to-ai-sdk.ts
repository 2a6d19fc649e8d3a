import type {
  EmbeddingModelV4,
  LanguageModelV4,
  LanguageModelV4StreamPart,
  ProviderV4,
} from '@ai-sdk/provider';
import type { ChatStream, Gateway } from '@millrace/core/gateway';
import { MillraceError, type ModelEvent, type ProviderOptions } from '@millrace/core/model';
import { errorOut } from './ai-sdk-error.js';
import { requestIn } from './call-options.js';
import { createEventsOut, resultOut } from './events-out.js';

/** How a gateway appears to the AI SDK. */
export interface ToAiSdkOptions {
  /** The name of the provider. Default: `millrace`. */
  readonly provider?: string | undefined;
  /**
   * Files that every model in question fetches by itself, by media type. Others are fetched by the AI SDK and passed on
   * as bytes. Default: none.
   */
  readonly supportedUrls?: Record<string, RegExp[]> | undefined;
}

/** A provider of the AI SDK over a gateway; it may be called like those of vendors: `millrace('tier:economy')`. */
export interface AiSdkGateway
  extends Pick<ProviderV4, 'specificationVersion' | 'languageModel' | 'embeddingModel'> {
  (model?: string): LanguageModelV4;
  languageModel(model?: string): LanguageModelV4;
}

/**
 * A gateway as a provider of the AI SDK, for generateText, streamText, tool loops, structured output and embeddings.
 * A model is whatever a request of the gateway can name. `providerOptions.millrace` takes `project`, `user`, `tags`,
 * `timeLimits`, `retry` and `cache`; other options go to the vendor. The call's id, route and cost are in
 * `providerMetadata.millrace`.
 *
 * Failed requests are repeated by the gateway, not by the AI SDK: its `maxRetries` finds nothing to repeat.
 */
export const toAiSdk = (gateway: Gateway, options: ToAiSdkOptions = {}): AiSdkGateway => {
  const { provider = 'millrace', supportedUrls = {} } = options;
  const languageModel = (model?: string): LanguageModelV4 => ({
    specificationVersion: 'v4',
    provider,
    modelId: model ?? 'auto',
    supportedUrls,
    async doGenerate(call) {
      const { request, warnings } = requestIn(model, call);
      try {
        return resultOut(await gateway.chat(request), warnings);
      } catch (error) {
        throw errorOut(error, call.abortSignal);
      }
    },
    async doStream(call) {
      const { request, warnings } = requestIn(model, call);
      try {
        const events = gateway.stream(request);
        // A failure before the answer is that of the call, not a part of its stream.
        const first = await events.next();
        return { stream: partsOf(events, first, createEventsOut(warnings), call.abortSignal) };
      } catch (error) {
        throw errorOut(error, call.abortSignal);
      }
    },
  });
  const embeddingModel = (model: string): EmbeddingModelV4 => ({
    specificationVersion: 'v4',
    provider,
    modelId: model,
    // The gateway splits what is too much for one request.
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: true,
    async doEmbed({ values, dimensions, abortSignal, providerOptions, headers }) {
      const { millrace, ...others } = providerOptions ?? {};
      const given = Object.entries(headers ?? {}).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      try {
        const reply = await gateway.embed({
          ...(millrace as object | undefined),
          model,
          values,
          dimensions,
          signal: abortSignal,
          providerOptions: others as ProviderOptions,
          headers: Object.fromEntries(given),
        });
        const { id, route, cost, warnings } = reply;
        return {
          embeddings: reply.embeddings.map((vector) => [...vector]),
          usage: { tokens: cost.tokensIn },
          warnings: warnings.map((warning) => ({ ...warning }) as never),
          providerMetadata: { millrace: JSON.parse(JSON.stringify({ callId: id, route, cost })) },
        };
      } catch (error) {
        throw errorOut(error, abortSignal);
      }
    },
  });
  return Object.assign((model?: string) => languageModel(model), {
    specificationVersion: 'v4' as const,
    languageModel,
    embeddingModel,
  });
};

const partsOf = (
  events: ChatStream,
  first: IteratorResult<ModelEvent>,
  toParts: ReturnType<typeof createEventsOut>,
  signal: AbortSignal | undefined,
): ReadableStream<LanguageModelV4StreamPart> => {
  let next: Promise<IteratorResult<ModelEvent>> | undefined = Promise.resolve(first);
  return new ReadableStream<LanguageModelV4StreamPart>({
    async pull(controller) {
      try {
        for (;;) {
          const result = await (next ?? events.next());
          next = undefined;
          if (result.done === true) return controller.close();
          const parts = toParts(result.value);
          for (const part of parts) controller.enqueue(part);
          if (parts.length > 0) return;
        }
      } catch (error) {
        // The specification has failures of a stream as parts of it; a cancellation breaks it off.
        if (MillraceError.isInstance(error) && error.code === 'CANCELLED')
          return controller.error(errorOut(error, signal));
        controller.enqueue({ type: 'error', error: errorOut(error, signal) });
        controller.close();
      }
    },
    async cancel() {
      await events.return();
    },
  });
};
