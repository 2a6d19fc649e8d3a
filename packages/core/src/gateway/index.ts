// The gateway.

// Beside calls.
export type {
  BatchAnswer,
  BatchChatRequest,
  Batches,
  BatchJob,
  BatchRequest,
  CollectOptions,
  WaitOptions,
} from './batches.js';
// Stages, for hosts that add their own.
export type {
  CacheUse,
  Call,
  CallOutcome,
  CallTrace,
  CallWatcher,
  Handler,
  NamedStage,
  Stage,
} from './call.js';
export type { Cancellation } from './cancellation.js';
export type {
  CallLabels,
  ChatRequest,
  HostSchema,
  OutputInput,
  TimeLimits,
  ToolInput,
} from './chat-request.js';
export type { CompareReply, CompareRequest, CompareResult, ContextBlock } from './compare.js';
export type { CompressionOptions } from './compression-options.js';
export { createGateway, type GatewayOptions } from './create-gateway.js';
export { deferred } from './deferred.js';
export type { EmbedReply, EmbedRequest } from './embed-request.js';
export type { FeedbackReply, FeedbackRequest } from './feedback.js';
export type { ActualCost, ChatReply, ChatStream, Gateway } from './gateway.js';
export type { GatewayEvents } from './gateway-events.js';
export type { FailedAttempt, RetryOptions } from './retry-policy.js';
export type { Routing, RoutingOptions, RoutingParts } from './routing-options.js';
