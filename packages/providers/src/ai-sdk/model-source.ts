import type { LanguageModelV4 } from '@ai-sdk/provider';
import { ConfigError, ProviderError } from '@millrace/core/model';
import type { ModelInfo } from '@millrace/core/provider';

/**
 * Where models of the AI SDK come from: one model, a function that makes one of an id (a provider of the AI SDK is
 * such a function), or an object with `languageModel` (a provider registry).
 */
export type AiSdkModelSource =
  | LanguageModelV4
  | ((modelId: string) => LanguageModelV4)
  | { languageModel(modelId: string): LanguageModelV4 };

/** The models of a source, by id. */
export interface ModelSource {
  /** The id of the provider that serves them. */
  readonly id: string;
  readonly models: readonly ModelInfo[];
  /**
   * @throws ProviderError `NOT_FOUND`, or whatever the source throws for an id that it does not know.
   * @throws ConfigError for a model of another specification.
   */
  model(modelId: string): LanguageModelV4;
}

/**
 * Look at where models come from.
 *
 * @param id - Default: of one model the vendor's name, else `ai-sdk`.
 * @param models - What the host knows of the models. Of one model only its own entry counts.
 * @throws ConfigError when it is nothing that models come from, or a model of another specification.
 */
export const createModelSource = (
  source: AiSdkModelSource,
  id: string | undefined,
  models: readonly ModelInfo[] | undefined,
): ModelSource => {
  if (typeof source === 'function')
    return { id: id ?? 'ai-sdk', models: models ?? [], model: (modelId) => checked(source(modelId)) };
  if (typeof source !== 'object' || source === null) throw notASource(source);
  if ('languageModel' in source && typeof source.languageModel === 'function')
    return {
      id: id ?? 'ai-sdk',
      models: models ?? [],
      model: (modelId) => checked(source.languageModel(modelId)),
    };
  if (!('specificationVersion' in source)) throw notASource(source);
  const single = checked(source);
  const { modelId } = single;
  const provider = id ?? providerId(single.provider);
  const info = models?.find((one) => one.id === modelId || one.aliases?.includes(modelId) === true);
  const served = new Set([modelId, ...(info === undefined ? [] : [info.id, ...(info.aliases ?? [])])]);
  return {
    id: provider,
    models: [info ?? { id: modelId }],
    model(asked) {
      if (served.has(asked)) return single;
      const message = `${provider} has one model, ${modelId}, and not ${asked}.`;
      throw new ProviderError('NOT_FOUND', message, { provider });
    },
  };
};

/** `openai` of `openai.responses`, in the letters that an id may have. */
const providerId = (name: string): string =>
  (name.toLowerCase().split('.')[0] ?? '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '') || 'ai-sdk';

const notASource = (source: unknown): ConfigError => {
  const advice =
    typeof source === 'string'
      ? ` A name alone is not enough: pass the model itself, such as gateway('${source.slice(0, 80)}') of the ai package.`
      : '';
  return new ConfigError(
    `\`fromAiSdk\` takes a language model of the AI SDK, a function that makes one, or a provider registry.${advice}`,
  );
};

const checked = (model: LanguageModelV4): LanguageModelV4 => {
  const version: unknown = (model as Partial<LanguageModelV4> | undefined)?.specificationVersion;
  if (version === 'v4' && typeof model.doStream === 'function') return model;
  throw new ConfigError(
    version === 'v2' || version === 'v3'
      ? `The AI SDK model ${model.modelId} follows specification ${version}; v4 is needed. Update its package, or pass wrapLanguageModel({ model, middleware: [] }) of ai 7, which upgrades it.`
      : 'What the source gave is no language model of the AI SDK of specification v4.',
  );
};
