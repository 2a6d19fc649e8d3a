import type { Message } from './message.js';
import type { ProviderOptions } from './provider-metadata.js';
import type { ReasoningEffort } from './reasoning-effort.js';
import type { ResponseFormat } from './response-format.js';
import type { FunctionTool, ToolChoice } from './tool.js';

/** Settings that shape the answer. Each is the vendor's default when absent. */
export interface ModelSettings {
  /** Upper bound of tokens to generate, reasoning included. */
  readonly maxOutputTokens?: number | undefined;
  /** 0 is the most predictable; the upper bound is the vendor's (mostly 1 or 2). */
  readonly temperature?: number | undefined;
  /** Nucleus sampling, 0 to 1. */
  readonly topP?: number | undefined;
  /** Sample from the K most likely tokens only. */
  readonly topK?: number | undefined;
  /** -2 to 2. */
  readonly presencePenalty?: number | undefined;
  /** -2 to 2. */
  readonly frequencyPenalty?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  /** Integer; asks for the same answer to the same request, as far as the vendor can. */
  readonly seed?: number | undefined;
  readonly reasoning?: ReasoningEffort | undefined;
  /** `false`: at most one tool call in an answer. */
  readonly parallelToolCalls?: boolean | undefined;
}

/** A request as stages and providers see it: normalised, with no alias, string shorthand or host schema left. */
export interface ModelRequest extends ModelSettings {
  /** The model's id at the provider. Before routing: what the caller asked for. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly FunctionTool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  /** Extra HTTP headers for the vendor. Never logged. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
