import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { ChatStream, Gateway } from '@millrace/core/gateway';
import { MillraceError, type RouteInfo, UNKNOWN_USAGE, type Warning } from '@millrace/core/model';
import { bridgedModels } from './bridged.js';
import { type CallDefaults, fromSdkCallOptions, type GatewayCall } from './from-sdk-call-options.js';
import { createPartWriter, type PartWriter, writeWholeAnswer } from './to-sdk-answer.js';
import { type Retries, toSdkError } from './to-sdk-error.js';

/** URLs that a model fetches by itself, by media type. */
export type SupportedUrls = Record<string, RegExp[]>;

/** How a gateway's model is made. */
export interface GatewayModelOptions {
  readonly provider: string;
  readonly defaults: CallDefaults;
  readonly retries: Retries;
  readonly supportedUrls: SupportedUrls | undefined;
}

/** One model of a gateway, for the AI SDK. */
export const createGatewayModel = (
  gateway: Gateway,
  { provider, defaults, retries, supportedUrls }: GatewayModelOptions,
): LanguageModelV4 => {
  const modelId = defaults.model;

  /** What a request lost depends on who answered: a model of the AI SDK takes everything. */
  const lossesOf =
    ({ lost, lostElsewhere }: GatewayCall) =>
    (route: RouteInfo | undefined): readonly Warning[] =>
      route !== undefined && bridgedModels(gateway.registry.get(route.provider)?.provider) !== undefined
        ? lost
        : [...lost, ...lostElsewhere];

  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    get supportedUrls() {
      return supportedUrls ?? bridgedModel(gateway, modelId)?.supportedUrls ?? {};
    },
    async doGenerate(options) {
      try {
        const call = fromSdkCallOptions(options, defaults);
        return writeWholeAnswer(await gateway.chat(call.request), lossesOf(call));
      } catch (error) {
        throw toSdkError(error, { signal: options.abortSignal, retries });
      }
    },
    async doStream(options) {
      const describe = (error: unknown): unknown =>
        toSdkError(error, { signal: options.abortSignal, retries });
      try {
        const call = fromSdkCallOptions(options, defaults);
        const stream = gateway.stream(call.request);
        const writer = createPartWriter(lossesOf(call));
        // A failure before the answer begins is thrown here, where the AI SDK still retries.
        const first = await stream.next();
        const begun = first.done === true ? undefined : writer.write(first.value);
        const failureParts = (error: unknown): readonly LanguageModelV4StreamPart[] => {
          // An abort ends the stream as it does that of `fetch`.
          if (options.abortSignal?.aborted === true) throw describe(error);
          return partsOfFailure(error, describe(error));
        };
        return { stream: toReadable(stream, writer, begun, failureParts) };
      } catch (error) {
        throw describe(error);
      }
    },
  };
};

/** The AI SDK's own model, where the id names one outright. */
const bridgedModel = ({ registry }: Gateway, modelId: string): LanguageModelV4 | undefined => {
  const colon = modelId.indexOf(':');
  const [named] = colon < 1 ? registry.modelsNamed(modelId) : [];
  const provider = named?.provider ?? modelId.slice(0, Math.max(colon, 0));
  const find = bridgedModels(registry.get(provider)?.provider);
  try {
    return find?.(named === undefined ? modelId.slice(colon + 1) : modelId);
  } catch {
    // The call will say what is wrong with the id.
    return undefined;
  }
};

/** Pulled, not pushed: nothing is read ahead of the caller. */
const toReadable = (
  stream: ChatStream,
  writer: PartWriter,
  begun: LanguageModelV4StreamPart | undefined,
  failureParts: (error: unknown) => readonly LanguageModelV4StreamPart[],
): ReadableStream<LanguageModelV4StreamPart> =>
  new ReadableStream(
    {
      start(controller) {
        if (begun !== undefined) controller.enqueue(begun);
      },
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await stream.next();
            if (done) return controller.close();
            const part = writer.write(value);
            if (part !== undefined) return controller.enqueue(part);
          }
        } catch (error) {
          for (const part of failureParts(error)) controller.enqueue(part);
          controller.close();
        }
      },
      async cancel() {
        await stream.return();
      },
    },
    { highWaterMark: 0 },
  );

/** What the AI SDK is shown of a failure in the middle of an answer. */
const partsOfFailure = (error: unknown, described: unknown): readonly LanguageModelV4StreamPart[] => {
  const failed: LanguageModelV4StreamPart = { type: 'error', error: described };
  if (!MillraceError.isInstance(error) || error.code !== 'INTERRUPTED') return [failed];
  // What arrived is incomplete, and the AI SDK has a word for that.
  const finishReason = { unified: 'interrupted', raw: undefined } as const;
  const { inputTokens, outputTokens } = UNKNOWN_USAGE;
  return [failed, { type: 'finish', finishReason, usage: { inputTokens, outputTokens } }];
};
