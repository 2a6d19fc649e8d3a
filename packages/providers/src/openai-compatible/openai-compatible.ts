import { ConfigError } from '@millrace/core/model';
import type { ModelInfo, Provider } from '@millrace/core/provider';
import { createEndpoint } from '../openai/openai-endpoint.js';
import type { OpenAIChatQuirks } from '../openai-chat/index.js';
import type { Fetch } from '../transport/index.js';

/** How to reach an endpoint that speaks OpenAI's chat completions. */
export interface OpenAICompatibleOptions {
  /** Unique in a registry; lower-case letters, digits and `-`, such as `groq`. */
  readonly id: string;
  /** The name for people. Default: the id. */
  readonly label?: string | undefined;
  /** What comes before `/chat/completions`, such as `https://api.groq.com/openai/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** The environment variable that holds the key, such as `GROQ_API_KEY`. */
  readonly apiKeyEnvironmentVariable?: string | undefined;
  /** Default: true when a key or its variable is named, else false. */
  readonly requiresKey?: boolean | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What is known of its models. Others can be called too, at a price that is not known. Default: none. */
  readonly models?: readonly ModelInfo[] | undefined;
  readonly quirks?: OpenAIChatQuirks | undefined;
  /** Which of OpenAI's endpoints to ask. Default: `chat`, which is the one that most servers have. */
  readonly api?: 'chat' | 'responses' | undefined;
  /** What is known of its models that make vectors. Others can be named too. Default: none. */
  readonly embeddingModels?: readonly ModelInfo[] | undefined;
  /** Default: on Node a lean one over undici, elsewhere the runtime's own. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Any endpoint that speaks chat completions; there may be any number of them, each with an id of its own.
 *
 * @throws ConfigError when the id or the base URL is missing or malformed.
 */
export const openaiCompatible = (options: OpenAICompatibleOptions): Provider => {
  const { id, label = id, apiKey, apiKeyEnvironmentVariable, models = [], quirks = {} } = options;
  if (typeof id !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) {
    throw new ConfigError(`The id "${id}" is not valid: use 1 to 64 lower-case letters, digits and "-".`, {
      key: 'id',
    });
  }
  const required = options.requiresKey ?? (apiKey !== undefined || apiKeyEnvironmentVariable !== undefined);
  return createEndpoint({
    ...options,
    label,
    models,
    credential: { required, environmentVariable: apiKeyEnvironmentVariable },
    dialect: { provider: id, quirks, traits: () => undefined },
    api: () => options.api ?? 'chat',
    batches: false,
    dropEnvironmentHeaders: true,
    isChatModel: () => true,
  });
};
