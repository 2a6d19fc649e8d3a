// Build providers from what a host finds. Each provider has a subpath of its own, such as `@millrace/providers/openai`.
export { type ProviderFactory, providersFromConfig } from './config/providers-from-config.js';
export { findProviders } from './environment/find-providers.js';
export { findLocalOllama, type LocalOllamaOptions } from './environment/local-ollama.js';
export {
  type EnvironmentOptions,
  providersFromEnvironment,
} from './environment/providers-from-environment.js';
