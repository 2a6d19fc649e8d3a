import type { MillraceConfig, ProviderConfig } from '@millrace/core/config';
import { ConfigError } from '@millrace/core/model';
import type { ModelInfo, Provider, ProviderState } from '@millrace/core/provider';
import { anthropic } from '../anthropic/index.js';
import { ANTHROPIC_MODELS } from '../anthropic/models.js';
import { claudeCli } from '../claude-cli/index.js';
import { CLAUDE_CLI_MODELS } from '../claude-cli/models.js';
import { google } from '../google/index.js';
import { GOOGLE_MODELS } from '../google/models.js';
import { ollama } from '../ollama/index.js';
import { openai } from '../openai/index.js';
import { OPENAI_MODELS } from '../openai/models.js';
import { openaiCompatible } from '../openai-compatible/index.js';
import { openaiPreset, PRESETS, type PresetName } from '../openai-compatible/presets.js';
import { simulated } from '../simulated/index.js';
import { claudeCliSettings } from './claude-cli-settings.js';

/** Makes a provider of its entry in a configuration. */
export type ProviderFactory = (entry: ProviderConfig) => Provider;

/** The models of an entry before those that are known of its type. `undefined` where it names none: then the known ones. */
const besides = (
  own: readonly ModelInfo[] | undefined,
  known: readonly ModelInfo[] = [],
): readonly ModelInfo[] | undefined => {
  if (own === undefined) return undefined;
  const ids = new Set(own.map(({ id }) => id));
  return [...own, ...known.filter(({ id }) => !ids.has(id))];
};

const presetFactory =
  (name: PresetName): ProviderFactory =>
  ({ id, label, baseUrl, apiKeyEnv, headers, models }) =>
    openaiPreset(name, {
      id,
      label,
      baseUrl,
      apiKeyEnvironmentVariable: apiKeyEnv,
      headers,
      models: besides(models, PRESETS[name].models),
    });

const BUILT_IN: Readonly<Record<string, ProviderFactory>> = {
  ...Object.fromEntries((Object.keys(PRESETS) as PresetName[]).map((name) => [name, presetFactory(name)])),
  google: ({ id, label, baseUrl, headers, models }) =>
    google({ id, label, baseUrl, headers, models: besides(models, GOOGLE_MODELS) }),
  anthropic: ({ id, label, baseUrl, headers, models }) =>
    anthropic({ id, label, baseUrl, headers, models: besides(models, ANTHROPIC_MODELS) }),
  'claude-cli': ({ id, label, baseUrl, apiKeyEnv, models, options }) => {
    const settings = claudeCliSettings(id, options);
    const all = besides(models, CLAUDE_CLI_MODELS);
    return claudeCli({ id, label, baseUrl, apiKeyEnvironmentVariable: apiKeyEnv, models: all, ...settings });
  },
  ollama: ({ id, label, baseUrl, headers, models }) => ollama({ id, label, baseUrl, headers, models }),
  openai: ({ id, label, baseUrl, organization, project, models, api }) =>
    openai({ id, label, baseUrl, organization, project, models: besides(models, OPENAI_MODELS), api }),
  'openai-compatible': ({ id, label, baseUrl, apiKeyEnv, headers, models, api }) =>
    openaiCompatible({
      id,
      api: api === 'responses' ? api : undefined,
      label,
      baseUrl: baseUrl ?? '',
      apiKeyEnvironmentVariable: apiKeyEnv,
      headers,
      models,
    }),
  simulated: ({ id }) => simulated({ id }),
};

/**
 * Build the providers of a configuration, ready for a gateway.
 *
 * @param types - Factories for further types, such as a plugin's own.
 * @throws ConfigError for a type that neither is built in nor has a factory.
 */
export const providersFromConfig = (
  config: Pick<MillraceConfig, 'providers'>,
  types: Readonly<Record<string, ProviderFactory>> = {},
): (ProviderState & { readonly provider: Provider })[] =>
  (config.providers ?? []).map((entry, index) => {
    const known = { ...BUILT_IN, ...types };
    const factory = known[entry.type];
    if (factory === undefined) {
      const names = Object.keys(known).join(', ');
      throw new ConfigError(
        `There is no provider type "${entry.type}". Use one of ${names}, or pass a factory for it.`,
        {
          key: `providers[${index}].type`,
        },
      );
    }
    return {
      provider: factory(entry),
      enabled: entry.enabled,
      priority: entry.priority,
      limits: entry.limits,
    };
  });
