import type { ModelInfo, Provider } from '@millrace/core/provider';
import type { Fetch } from '../transport/index.js';
import { chooseApi, needsResponses, type OpenAIApi } from './choose-api.js';
import { openaiModelTraits } from './model-traits.js';
import { OPENAI_EMBEDDING_MODELS, OPENAI_MODELS } from './models.js';
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
  /**
   * Which endpoint answers: `chat` completions, `responses`, or `auto`, which takes `responses` where a request needs it
   * (a model that only it has, tools together with reasoning where chat refuses that, effort `max`, a conversation that
   * was begun there) and `chat` otherwise. A function decides by the model. A request can say it too, by
   * `providerOptions.openai.api`. Default: `auto`.
   */
  readonly api?: 'auto' | OpenAIApi | ((model: string) => OpenAIApi) | undefined;
  /** Default: the built-in list, with prices. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Default: on Node a lean one over undici, elsewhere the runtime's own. */
  readonly fetch?: Fetch | undefined;
}

const NO_ANSWERS =
  /embedding|whisper|tts|dall-e|image|moderation|realtime|transcribe|audio|sora|davinci|babbage|live/;

/**
 * OpenAI over its own SDK, by the chat completions and the responses endpoint. The `openai` package is loaded with the
 * first call.
 *
 * Under `providerOptions.openai` a request takes `api` and every field of the endpoint by its own name. The responses
 * endpoint also takes `previousResponseId` (what the vendor keeps is then not sent again) and `reasoningSummary`; with
 * `store: true` the vendor keeps the conversation, else it keeps nothing and the reasoning travels encrypted.
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
    api: chooseApi(id, options.api ?? 'auto', openaiModelTraits),
    embeddingModels: OPENAI_EMBEDDING_MODELS,
    batches: true,
    isChatModel: (model) => !NO_ANSWERS.test(model) && (options.api !== 'chat' || !needsResponses(model)),
  });
};
