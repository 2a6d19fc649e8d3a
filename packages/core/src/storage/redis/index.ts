// Counters and expiring values in Redis. Needs the optional package `ioredis`. Records need SQL: use another driver.
export { createRedisCounterStore, type RedisCounterStoreOptions } from './redis-counter-store.js';
export type { RedisClient, RedisOptions } from './redis-options.js';
export { createRedisValueStore } from './redis-value-store.js';
