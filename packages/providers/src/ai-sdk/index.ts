// Models of the AI SDK as a provider.
export { type FromAiSdkOptions, fromAiSdk } from './from-ai-sdk.js';
// A gateway as a provider of the AI SDK.
export type { GatewayCallOptions } from './gateway-call-options.js';
export type { SupportedUrls } from './gateway-model.js';
export type { AiSdkModels } from './model-source.js';
export { type AiSdkGateway, type ToAiSdkOptions, toAiSdk } from './to-ai-sdk.js';
export type { Retries } from './to-sdk-error.js';
