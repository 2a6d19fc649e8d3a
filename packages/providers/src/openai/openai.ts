import type { ModelInfo, Provider } from '@millrace/core/provider';
import type { Fetch } from '../transport/index.js';
import { openaiModelTraits } from './model-traits.js';
import { OPENAI_MODELS } from './models.js';
import { createEndpoint } from './openai-endpoint.js';

/** How to reach OpenAI. */
export interface OpenAIOptions {
  /** Default: `openai`. */
  readonly id?: string | undefined;
  /** The name for people. Default: `OpenAI`. */
  readonly label?: string | undefined;
  /** Default: asked of the gateway's credential source at each call, which looks for `OPENAI_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Default: `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  /** Default: the built-in list, with prices. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Default: on Node a lean one over undici, elsewhere the runtime's own. */
  readonly fetch?: Fetch | undefined;
}

const NO_CHAT =
  /embedding|whisper|tts|dall-e|image|moderation|realtime|transcribe|audio|sora|davinci|babbage|codex|-pro(?:-|$)|live/;

/**
 * OpenAI over its own SDK, by the chat completions endpoint. The `openai` package is loaded with the first call.
 *
 * @throws ConfigError when the base URL is no URL.
 */
export const openai = (options: OpenAIOptions = {}): Provider => {
  const {
    id = 'openai',
    label = 'OpenAI',
    baseUrl = 'https://api.openai.com/v1',
    models = OPENAI_MODELS,
  } = options;
  return createEndpoint({
    ...options,
    id,
    label,
    baseUrl,
    models,
    credential: { required: true, environmentVariable: 'OPENAI_API_KEY' },
    dialect: { provider: id, quirks: { reasoningTag: false }, traits: openaiModelTraits },
    dropEnvironmentHeaders: false,
    isChatModel: (model) => !NO_CHAT.test(model),
  });
};
