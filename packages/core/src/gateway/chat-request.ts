import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { RequestCache } from '../cache/cache-options.js';
import type { CompressionPreset } from '../compression/presets.js';
import type { JsonSchema } from '../model/json.js';
import type { MessageInput } from '../model/message.js';
import type { ModelSettings } from '../model/model-request.js';
import type { ProviderOptions } from '../model/provider-metadata.js';
import type { ResponseFormat } from '../model/response-format.js';
import type { FunctionTool, ToolChoice } from '../model/tool.js';
import type { RequestRouting } from '../routing/routing-policy.js';
import type { RetryOptions } from './retry-policy.js';

/** A schema of a library such as zod, valibot or arktype that can both check a value and describe itself as JSON Schema. */
export interface HostSchema<Value = unknown> {
  readonly '~standard': StandardSchemaV1.Props<unknown, Value> & StandardJSONSchemaV1.Props<unknown, Value>;
}

/** A tool as a caller writes it. */
export interface ToolInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: JsonSchema | HostSchema;
  readonly strict?: boolean | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
}

/** The form of the answer, checked when it arrives; the parsed value is the reply's `output`. */
export interface OutputInput<Value> {
  readonly schema: JsonSchema | HostSchema<Value>;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly strict?: boolean | undefined;
}

/** Time limits of a call, in milliseconds. `0` switches one off. */
export interface TimeLimits {
  /**
   * Until the vendor's first event. Default: the provider's own, mostly 120,000, for `stream`; for `chat`, where the first event is the whole
   * answer, the total limit only.
   */
  readonly firstEventMs?: number | undefined;
  /** Between two events after that, while the caller is waiting. Default: 120,000. */
  readonly idleMs?: number | undefined;
  /** For the whole call. Default: 600,000. */
  readonly totalMs?: number | undefined;
}

/** Whom a call is for, for its ledger record and its budgets. Texts of 1 to 256 characters. */
export interface CallLabels {
  readonly project?: string | undefined;
  readonly user?: string | undefined;
  /** A name of the caller's API key; never the key itself. */
  readonly apiKeyId?: string | undefined;
  /** The run that the call is a part of: an agent's run, a job. */
  readonly runId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** What to ask. Either `prompt` or `messages`. */
export interface ChatRequest<Output = unknown> extends ModelSettings, CallLabels {
  /**
   * `provider:model`, a bare model name, an alias, `tier:economy|standard|premium`, or `auto`.
   * Default: the gateway's `defaultModel`, which is `auto` unless set.
   */
  readonly model?: string | undefined;
  /** Instructions; goes before the messages. */
  readonly system?: string | undefined;
  /** One user message. */
  readonly prompt?: string | undefined;
  readonly messages?: readonly MessageInput[] | undefined;
  readonly tools?: readonly (ToolInput | FunctionTool)[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  /** Ask for an answer that fits a schema. Not together with `responseFormat`. */
  readonly output?: OutputInput<Output> | undefined;
  /** Ask for a form of answer without checking it here. */
  readonly responseFormat?: ResponseFormat | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeLimits?: TimeLimits | undefined;
  /** What to do with answers that are kept, where the gateway has a cache. */
  readonly cache?: RequestCache | undefined;
  /** How often a failed request is sent again. Default: the gateway's. */
  readonly retry?: RetryOptions | undefined;
  /** How much the prompt is made shorter, where the gateway has a compressor. Default: the gateway's. */
  readonly compression?: CompressionPreset | undefined;
  /** How the model is chosen, where it differs from the gateway's policy. */
  readonly routing?: RequestRouting | undefined;
  readonly signal?: AbortSignal | undefined;
}
