import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { flattenBatches, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import type { CallContext, ModelInfo, Provider } from '@millrace/core/provider';
import { createLossReport } from '../transport/index.js';
import { markBridged } from './bridged.js';
import { type AnswerContext, brokenOff, createPartReader, readWholeAnswer } from './from-sdk-answer.js';
import { fromSdkError } from './from-sdk-error.js';
import { type AiSdkModels, createModelSource } from './model-source.js';
import { toSdkCallOptions } from './to-sdk-call-options.js';

/** How models of the AI SDK appear in a gateway. */
export interface FromAiSdkOptions {
  /** Default: of one model what it calls its provider (`openai-responses`); needed for anything else. */
  readonly id?: string | undefined;
  /** The name for people. Default: the id. */
  readonly label?: string | undefined;
  /**
   * What is known of the models, prices above all: the AI SDK knows none, so that the cost of a model without an entry
   * stays unknown. The list of one of our adapters will do. Default: the one model without a price, else none; a model
   * can be named as `provider:model` all the same.
   */
  readonly models?: readonly ModelInfo[] | undefined;
}

/**
 * Any language model of the AI SDK as a provider. It brings its own key and address; retries, time limits and
 * accounting are the gateway's. Metadata and `providerOptions` go through under the names that the AI SDK gives them.
 * A tool that the vendor runs itself is asked for under `providerOptions.aiSdk.tools`.
 *
 * @throws ConfigError when the source is no model, a model of an older specification, or has no valid id.
 */
export const fromAiSdk = (source: AiSdkModels, options: FromAiSdkOptions = {}): Provider => {
  const { id, models, model } = createModelSource(source, options.id, options.models);
  const provider: Provider = {
    specification: 'millrace-provider-v1',
    id,
    label: options.label ?? id,
    credential: { required: false },
    models,
    stream: (request, context) => flattenBatches(answer(id, model, request, context)),
  };
  return markBridged(provider, model);
};

/** The events of an answer, those of one part at a time. */
async function* answer(
  provider: string,
  find: (modelId: string) => LanguageModelV4,
  request: ModelRequest,
  { signal, delivery }: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  let reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined;
  // Also lets go of a stream that takes no notice of the signal.
  const cancel = (): void => void reader?.cancel(signal.reason).catch(() => undefined);
  let begun = false;
  try {
    signal.throwIfAborted();
    const model = find(request.model);
    const losses = createLossReport();
    const callOptions = toSdkCallOptions(request, signal, losses);
    const context: AnswerContext = { provider, model: request.model, losses: losses.list() };
    if (delivery === 'whole') {
      yield readWholeAnswer(await model.doGenerate(callOptions), context);
      return;
    }
    reader = (await model.doStream(callOptions)).stream.getReader();
    signal.throwIfAborted();
    signal.addEventListener('abort', cancel, { once: true });
    const parts = createPartReader(context);
    let started = false;
    let finished = false;
    for (;;) {
      const { done, value: part } = await reader.read();
      if (done) break;
      const events = parts.read(part);
      if (events.length === 0) continue;
      // The specification does not oblige a model to send its warnings first, or at all.
      if (!started && part.type !== 'stream-start')
        yield [{ type: 'stream-start', warnings: context.losses }];
      started = true;
      finished ||= part.type === 'finish';
      begun ||= part.type !== 'stream-start';
      yield events;
    }
    signal.throwIfAborted();
    if (!finished) throw brokenOff(provider, request.model);
  } catch (error) {
    throw fromSdkError(error, { provider, model: request.model, signal }, begun);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
