// Models of the AI SDK as a provider.

// A gateway as a provider of the AI SDK.
export type { GatewayCallOptions } from './call-options.js';
export { type AiSdkModels, type FromAiSdkOptions, fromAiSdk } from './from-ai-sdk.js';
export { type AiSdkGateway, type ToAiSdkOptions, toAiSdk } from './to-ai-sdk.js';
