// Reading a configuration file.
export { type LoadConfigOptions, loadConfig } from './load-config.js';
// What it holds.
export type {
  BudgetConfig,
  BudgetLimitConfig,
  CacheConfig,
  CommonRoutingConfig,
  CompressionConfig,
  LedgerConfig,
  MillraceConfig,
  ProviderConfig,
  RetryConfig,
  RoutingCategory,
  RoutingConfig,
  ServerConfig,
  TimeLimitsConfig,
} from './millrace-config.js';
export { type ParseConfigOptions, parseConfig } from './parse-config.js';
export type { ConfigFormat } from './read-source.js';
