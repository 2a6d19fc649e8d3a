import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { ConfigError, type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, ModelInfo, Provider } from '@millrace/core/provider';
import { errorIn } from './ai-sdk-error.js';
import { callOut } from './call-options.js';
import { createEventsIn } from './events-in.js';

/** Gives the models of a provider of the AI SDK by their ids. */
export type AiSdkModels =
  | LanguageModelV4
  | ((modelId: string) => LanguageModelV4)
  | { languageModel(modelId: string): LanguageModelV4 };

/** How models of the AI SDK appear in the registry. */
export interface FromAiSdkOptions {
  /** Default: made of what a single model calls its provider; needed for anything else. */
  readonly id?: string | undefined;
  /** The name for people. Default: the id. */
  readonly label?: string | undefined;
  /** What is known of the models, such as their prices. Default: the one model, at a price that is not known. */
  readonly models?: readonly ModelInfo[] | undefined;
}

const SPECIFICATION = 'v4';

/**
 * A provider over models of the AI SDK: one model, a provider, or a function that gives models by their ids. Their keys
 * are their own. Whatever a model reads from `providerOptions` and writes into `providerMetadata` goes through unchanged.
 *
 * @throws ConfigError for a model of another version of the specification, or when `id` is missing or malformed.
 */
export const fromAiSdk = (models: AiSdkModels, options: FromAiSdkOptions = {}): Provider => {
  const single = isModel(models) ? checked(models) : undefined;
  const id = options.id ?? (single && idOf(single.provider));
  if (id === undefined || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) {
    throw new ConfigError(
      '`id` is needed: 1 to 64 lower-case letters, digits and "-", such as "my-models".',
      {
        key: 'id',
      },
    );
  }
  const modelOf = (modelId: string): LanguageModelV4 => {
    if (single === undefined)
      return checked(
        typeof models === 'function'
          ? models(modelId)
          : (models as never as { languageModel(id: string): LanguageModelV4 }).languageModel(modelId),
      );
    if (modelId === single.modelId || options.models?.some((info) => info.id === modelId)) return single;
    throw new ProviderError('NOT_FOUND', `${id} has one model, "${single.modelId}", and not "${modelId}".`, {
      provider: id,
      model: modelId,
    });
  };
  return {
    specification: 'millrace-provider-v1',
    id,
    label: options.label ?? id,
    credential: { required: false },
    models: options.models ?? (single === undefined ? [] : [{ id: single.modelId }]),
    stream: (request, context) => read(id, modelOf, request, context),
  };
};

const isModel = (models: AiSdkModels): models is LanguageModelV4 =>
  typeof models === 'object' && 'doStream' in models;

const checked = (model: LanguageModelV4): LanguageModelV4 => {
  const version: unknown = (model as { specificationVersion?: unknown } | undefined)?.specificationVersion;
  if (version === SPECIFICATION) return model;
  throw new ConfigError(
    `This is no language model of the AI SDK's specification ${SPECIFICATION} (it says "${String(version)}"): use a provider package for AI SDK 7, or hand in \`wrapLanguageModel({ model, middleware: [] })\` of the package ai, which brings older ones up to date.`,
    { key: 'model' },
  );
};

/** `openai.chat` becomes `openai-chat`. */
const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

async function* read(
  provider: string,
  modelOf: (modelId: string) => LanguageModelV4,
  request: ModelRequest,
  { signal, delivery }: CallContext,
): AsyncGenerator<ModelEvent> {
  const failure = { provider, model: request.model, signal };
  let begun = false;
  let reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined;
  try {
    signal.throwIfAborted();
    const model = modelOf(request.model);
    const { options, warnings } = callOut(request, signal);
    const events = createEventsIn(warnings, { provider, model: request.model });
    if (delivery === 'whole') {
      yield* events.whole(await model.doGenerate(options));
      return;
    }
    const { stream } = await model.doStream(options);
    reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const event of events.part(value)) {
        begun ||= event.type !== 'stream-start';
        yield event;
      }
    }
    if (!events.finished) {
      const message = `${provider}:${request.model} broke off before the answer was finished.`;
      throw new ProviderError('INTERRUPTED', message, { provider, model: request.model });
    }
  } catch (error) {
    throw errorIn(error, failure, begun);
  } finally {
    // Also when the reader leaves early: the model must stop.
    await reader?.cancel().catch(() => undefined);
  }
}
