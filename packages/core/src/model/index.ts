// The vocabulary: messages, requests, events and replies.
export type { Cost } from './cost.js';
// Errors: one hierarchy, stable codes.
export { BudgetError, type BudgetErrorOptions } from './errors/budget-error.js';
export { ConfigError, type ConfigErrorOptions } from './errors/config-error.js';
export { ERROR_CODES, type ErrorCode, type ErrorCodeInfo } from './errors/error-code.js';
export { MillraceError, type MillraceErrorOptions } from './errors/millrace-error.js';
export { ProviderError, type ProviderErrorOptions } from './errors/provider-error.js';
export type { EventIterator } from './event-iterator.js';
export type { FinishReason } from './finish-reason.js';
// From events to a reply, and from batches to events.
export { flattenBatches } from './flatten-batches.js';
export { createFold, type Fold } from './fold.js';
export type { JsonObject, JsonSchema, JsonValue } from './json.js';
export type {
  AssistantMessage,
  AssistantPart,
  FileData,
  FilePart,
  Message,
  MessageInput,
  ReasoningPart,
  SourcePart,
  SystemMessage,
  TextPart,
  ToolCallPart,
  ToolMessage,
  ToolResultOutput,
  ToolResultPart,
  UserMessage,
  UserPart,
} from './message.js';
export type {
  FinishEvent,
  ModelEvent,
  ResponseMetadataEvent,
  RouteInfo,
  StreamStartEvent,
  WithMetadata,
} from './model-event.js';
export type { ModelRequest, ModelSettings } from './model-request.js';
export type { ProviderMetadata, ProviderOptions } from './provider-metadata.js';
export type { ReasoningEffort } from './reasoning-effort.js';
export type { Reply } from './reply.js';
export type { ResponseFormat } from './response-format.js';
export type { FunctionTool, ToolChoice } from './tool.js';
export { UNKNOWN_USAGE, type Usage } from './usage.js';
export type { Warning } from './warning.js';
