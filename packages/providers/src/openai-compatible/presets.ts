import type { Provider } from '@millrace/core/provider';
import type { OpenAIChatQuirks } from '../openai-chat/index.js';
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
}

/** Facts of the vendors' API references, read 2026-11-20. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  groq: {
    label: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    apiKeyEnvironmentVariable: 'GROQ_API_KEY',
  },
  together: {
    label: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    apiKeyEnvironmentVariable: 'TOGETHER_API_KEY',
    quirks: { topK: true },
  },
  xai: {
    label: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    apiKeyEnvironmentVariable: 'XAI_API_KEY',
    quirks: { maxTokensField: 'max_completion_tokens' },
  },
  deepseek: {
    label: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    apiKeyEnvironmentVariable: 'DEEPSEEK_API_KEY',
    // JSON without a schema; what the model thought has to come back while it works with tools.
    quirks: { jsonOutput: 'object', echoReasoning: true, reasoningTag: false },
  },
  mistral: {
    label: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    apiKeyEnvironmentVariable: 'MISTRAL_API_KEY',
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
    quirks: { topK: true, reasoningTag: false },
  },
  fireworks: {
    label: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    apiKeyEnvironmentVariable: 'FIREWORKS_API_KEY',
    quirks: { topK: true },
  },
  cerebras: {
    label: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    apiKeyEnvironmentVariable: 'CEREBRAS_API_KEY',
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
 * are known. Its models are asked for with `registry.discoverModels`; their prices are the host's to give.
 *
 * @param options - Replace what is known, such as the `id` of a second instance, or `baseUrl`.
 */
export const openaiPreset = (name: PresetName, options: PresetOptions = {}): Provider => {
  const { label, baseUrl, apiKeyEnvironmentVariable, quirks } = PRESETS[name];
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return openaiCompatible({
    id: name,
    label,
    baseUrl,
    apiKeyEnvironmentVariable,
    ...given,
    quirks: { ...quirks, ...options.quirks },
  });
};
