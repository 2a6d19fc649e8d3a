// The AI SDK, both ways: its models as providers, a gateway as its provider.
export { type FromAiSdkOptions, fromAiSdk } from './from-ai-sdk.js';
export type { SupportedUrls } from './gateway-model.js';
export type { MillraceCallOptions } from './millrace-options.js';
export type { AiSdkModelSource } from './model-source.js';
export { type MillraceAiSdkProvider, type ToAiSdkOptions, toAiSdk } from './to-ai-sdk.js';
export type { Retries } from './to-sdk-error.js';
