// The port that every provider implements.
export type { BatchItem, BatchProvider, BatchResult, BatchStatus } from './batch.js';
export type { CatalogueOptions } from './catalogue.js';
// Keys.
export { combineCredentials } from './combine-credentials.js';
export type {
  Credential,
  CredentialQuery,
  CredentialRequirement,
  CredentialSource,
} from './credential-source.js';
export type { EmbeddingReply, EmbeddingRequest } from './embedding.js';
export { environmentCredentials } from './environment-credentials.js';
// Models and prices.
export type { CatalogueModel, ModelCapabilities, ModelInfo, ModelTier, NextPrice } from './model-info.js';
export {
  type BatchPrice,
  batchPrice,
  blendedPrice,
  computeCost,
  type LongContextPrice,
  type Price,
  type PriceRates,
} from './price.js';
export type { KeyVerification, Provider } from './provider.js';
export type { CallContext, ProviderContext } from './provider-context.js';
export type { ProviderLimits } from './provider-limits.js';
// The registry.
export {
  createRegistry,
  type ProviderState,
  type RegisteredProvider,
  type Registry,
  type RegistryOptions,
} from './registry.js';
export type { TokenCount } from './token-count.js';
