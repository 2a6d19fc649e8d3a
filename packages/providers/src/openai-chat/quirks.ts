/** What an endpoint does differently from OpenAI's own. All of it is data: nothing here is code per vendor. */
export interface OpenAIChatQuirks {
  /** Ask for the usage at the end of a stream. A few servers refuse the field. Default: true. */
  readonly includeUsage?: boolean | undefined;
  /** The role of instructions. Default: `system`. */
  readonly systemRole?: 'system' | 'developer' | undefined;
  /** The name of the output limit. Default: `max_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** What form of JSON the server can be asked for. Default: `schema`. */
  readonly jsonOutput?: 'schema' | 'object' | 'none' | undefined;
  /** Whether the server takes `reasoning_effort`. Default: true. */
  readonly reasoningEffort?: boolean | undefined;
  /** Whether earlier reasoning is sent back as `reasoning_content`. Default: false. */
  readonly echoReasoning?: boolean | undefined;
  /** The tag between which models write their reasoning into the text; `false` for none. Default: `think`. */
  readonly reasoningTag?: string | false | undefined;
  /** The name of the seed. Default: `seed`. */
  readonly seedField?: 'seed' | 'random_seed' | undefined;
  /** How a call of any tool is demanded. Default: `required`. */
  readonly requiredToolChoice?: 'required' | 'any' | undefined;
  /** The form that ids of tool calls must have; those of other vendors are made to fit. Default: any. */
  readonly toolCallIds?: 'usual' | 'nine-alphanumeric' | undefined;
  /** Whether the server takes `top_k`. Default: false. */
  readonly topK?: boolean | undefined;
}

/** What one model accepts on the chat completions endpoint. */
export interface ModelTraits {
  /** Thinks before it answers: other instruction role, other output limit, mostly no sampling settings. */
  readonly reasoning: boolean;
  /** With reasoning switched off it takes sampling settings. */
  readonly samplingWithoutReasoning: boolean;
  /** Refuses function tools while it thinks. */
  readonly toolsNeedNoReasoning: boolean;
  /** Efforts that it takes; `undefined` when not known. */
  readonly efforts: readonly string[] | undefined;
  readonly flexTier: boolean;
  readonly priorityTier: boolean;
  /** Takes `prompt_cache_retention`. */
  readonly cacheRetention: boolean;
  /** Refuses a temperature whatever else is set. */
  readonly noTemperature: boolean;
}

/** How requests are written for one endpoint. */
export interface ChatDialect {
  /** The provider's id: messages and metadata carry it. */
  readonly provider: string;
  readonly quirks: OpenAIChatQuirks;
  /** What is known of a model; `undefined` when nothing is, and then nothing is left out. */
  readonly traits: (model: string) => ModelTraits | undefined;
}
