import type { ModelInfo, Provider } from '@millrace/core/provider';
import type { OpenAIChatQuirks } from '../openai-chat/index.js';
import { CEREBRAS_MODELS } from './models/cerebras.js';
import { DEEPSEEK_MODELS } from './models/deepseek.js';
import { FIREWORKS_MODELS } from './models/fireworks.js';
import { GROQ_MODELS } from './models/groq.js';
import { MISTRAL_EMBEDDING_MODELS, MISTRAL_MODELS } from './models/mistral.js';
import { OPENROUTER_MODELS } from './models/openrouter.js';
import { TOGETHER_MODELS } from './models/together.js';
import { XAI_MODELS } from './models/xai.js';
import { type OpenAICompatibleOptions, openaiCompatible } from './openai-compatible.js';

/** A vendor whose endpoint is known. */
export type PresetName =
  | 'groq'
  | 'together'
  | 'xai'
  | 'deepseek'
  | 'mistral'
  | 'openrouter'
  | 'fireworks'
  | 'cerebras'
  | 'vllm'
  | 'lm-studio';

/** Where a vendor's endpoint is, and what it does differently. */
export interface Preset {
  readonly label: string;
  readonly baseUrl: string;
  /** Absent for servers that run without a key. */
  readonly apiKeyEnvironmentVariable?: string;
  readonly quirks?: OpenAIChatQuirks;
  /** Absent for servers whose models are the host's choice. */
  readonly models?: readonly ModelInfo[];
  readonly embeddingModels?: readonly ModelInfo[];
}

/** Facts of the vendors' API references, read 2026-11-20. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  groq: {
    label: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    apiKeyEnvironmentVariable: 'GROQ_API_KEY',
    models: GROQ_MODELS,
  },
  together: {
    label: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    apiKeyEnvironmentVariable: 'TOGETHER_API_KEY',
    models: TOGETHER_MODELS,
    quirks: { topK: true },
  },
  xai: {
    label: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    apiKeyEnvironmentVariable: 'XAI_API_KEY',
    models: XAI_MODELS,
    quirks: { maxTokensField: 'max_completion_tokens' },
  },
  deepseek: {
    label: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    apiKeyEnvironmentVariable: 'DEEPSEEK_API_KEY',
    models: DEEPSEEK_MODELS,
    // JSON without a schema; what the model thought has to come back while it works with tools.
    quirks: { jsonOutput: 'object', echoReasoning: true, reasoningTag: false },
  },
  mistral: {
    label: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    apiKeyEnvironmentVariable: 'MISTRAL_API_KEY',
    models: MISTRAL_MODELS,
    embeddingModels: MISTRAL_EMBEDDING_MODELS,
    // Usage comes without being asked for, and asking is refused.
    quirks: {
      includeUsage: false,
      seedField: 'random_seed',
      requiredToolChoice: 'any',
      toolCallIds: 'nine-alphanumeric',
      reasoningTag: false,
    },
  },
  openrouter: {
    label: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    apiKeyEnvironmentVariable: 'OPENROUTER_API_KEY',
    models: OPENROUTER_MODELS,
    quirks: { topK: true, reasoningTag: false },
  },
  fireworks: {
    label: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    apiKeyEnvironmentVariable: 'FIREWORKS_API_KEY',
    models: FIREWORKS_MODELS,
    quirks: { topK: true },
  },
  cerebras: {
    label: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    apiKeyEnvironmentVariable: 'CEREBRAS_API_KEY',
    models: CEREBRAS_MODELS,
    quirks: { maxTokensField: 'max_completion_tokens' },
  },
  vllm: { label: 'vLLM', baseUrl: 'http://127.0.0.1:8000/v1', quirks: { topK: true } },
  'lm-studio': { label: 'LM Studio', baseUrl: 'http://127.0.0.1:1234/v1', quirks: { topK: true } },
};

/** What may be said otherwise than it is known. */
export type PresetOptions = {
  readonly [Name in keyof OpenAICompatibleOptions]?: OpenAICompatibleOptions[Name] | undefined;
};

/**
 * A vendor that speaks chat completions, by its name: its address, the variable of its key and what it does differently
 * are known, and so are its models of most use with their prices. Others can be called too, at an unknown price.
 *
 * @param options - Replace what is known, such as the `id` of a second instance, or `baseUrl`.
 */
export const openaiPreset = (name: PresetName, options: PresetOptions = {}): Provider => {
  const { quirks, ...known } = PRESETS[name];
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return openaiCompatible({
    id: name,
    ...known,
    ...given,
    quirks: { ...quirks, ...options.quirks },
  });
};
