import type { LanguageModelV4 } from '@ai-sdk/provider';
import { ConfigError, ProviderError } from '@millrace/core/model';
import type { ModelInfo } from '@millrace/core/provider';

/**
 * Where models of the AI SDK come from: one model, a function that makes one of an id (a provider of the AI SDK is
 * such a function), or an object with `languageModel` (a provider registry).
 */
export type AiSdkModels =
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

const PROVIDER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Look at where models come from.
 *
 * @param id - Default: of one model made of what it calls its provider.
 * @param models - What the host knows of the models. Of one model only its own entry counts.
 * @throws ConfigError when it is nothing that models come from, a model of another specification, or has no valid id.
 */
export const createModelSource = (
  source: AiSdkModels,
  id: string | undefined,
  models: readonly ModelInfo[] | undefined,
): ModelSource => {
  const find = finderOf(source);
  if (find !== undefined)
    return { id: checkedId(id), models: models ?? [], model: (modelId) => checked(find(modelId)) };
  const single = checked(source as LanguageModelV4);
  const { modelId } = single;
  const provider = checkedId(id ?? providerId(single.provider));
  const info = models?.find((one) => one.id === modelId || one.aliases?.includes(modelId) === true);
  const served = new Set([modelId, ...(info === undefined ? [] : [info.id, ...(info.aliases ?? [])])]);
  return {
    id: provider,
    models: [info ?? { id: modelId }],
    model(asked) {
      if (served.has(asked)) return single;
      const message = `${provider} has one model, ${modelId}, and not ${asked}.`;
      throw new ProviderError('NOT_FOUND', message, { provider, model: asked });
    },
  };
};

/** How a source finds a model; `undefined` when it is one. */
const finderOf = (source: AiSdkModels): ((modelId: string) => LanguageModelV4) | undefined => {
  if (typeof source === 'function') return source;
  if (typeof source !== 'object' || source === null) throw notASource(source);
  if ('languageModel' in source) return (modelId) => source.languageModel(modelId);
  if (!('specificationVersion' in source)) throw notASource(source);
  return undefined;
};

const checkedId = (id: string | undefined): string => {
  if (id !== undefined && PROVIDER_ID.test(id)) return id;
  throw new ConfigError('`id` is needed: 1 to 64 lower-case letters, digits and "-", such as "my-models".', {
    key: 'id',
  });
};

/** `openai-responses` of `openai.responses`. */
const providerId = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '');

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
