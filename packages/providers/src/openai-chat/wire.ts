/**
 * What we read of the chat completions dialect. Every field may be missing or of another type: compatible servers
 * differ, and a field that we do not know must not break an answer. Readers check before they use.
 */
export interface WireCompletion {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly created?: unknown;
  readonly choices?: unknown;
  readonly usage?: unknown;
  readonly error?: unknown;
  readonly system_fingerprint?: unknown;
  readonly service_tier?: unknown;
  /** Groq puts the usage of a stream here. */
  readonly x_groq?: unknown;
}

/** One answer of a completion, or one piece of it in a stream. */
export interface WireChoice {
  readonly index?: unknown;
  /** In a whole answer. */
  readonly message?: unknown;
  /** In a stream. */
  readonly delta?: unknown;
  readonly finish_reason?: unknown;
  readonly logprobs?: unknown;
}

/** The assistant's message, whole or in pieces. */
export interface WireMessage {
  readonly content?: unknown;
  readonly refusal?: unknown;
  /** DeepSeek, xAI, vLLM and others. */
  readonly reasoning_content?: unknown;
  /** Groq, OpenRouter and others. */
  readonly reasoning?: unknown;
  readonly tool_calls?: unknown;
  readonly annotations?: unknown;
}

/** One tool call, whole or in pieces. */
export interface WireToolCall {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: unknown;
  /** Gemini's endpoint keeps its thought signature here. */
  readonly extra_content?: unknown;
}
