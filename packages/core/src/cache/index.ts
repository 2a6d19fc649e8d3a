// Answers that are given again.
export type { CacheEntry } from './cache-entry.js';
export type { CacheLabels, CacheOptions, RequestCache } from './cache-options.js';
// Where they are kept.
export type { CacheStore } from './cache-store.js';
export { type MemoryCacheOptions, memoryCache } from './memory-cache.js';
export { type ExpiringValues, type SharedCacheOptions, sharedCache } from './shared-cache.js';
