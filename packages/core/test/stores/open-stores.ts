import type { CounterStore } from '../../src/storage/counter-store.js';
import { createPostgresCounterStore } from '../../src/storage/postgres/postgres-counter-store.js';
import { createRedisCounterStore } from '../../src/storage/redis/redis-counter-store.js';
import { createSqliteCounterStore } from '../../src/storage/sqlite/sqlite-counter-store.js';

/** Where a store of counters is, so that another process can open it too. */
export type StorePlace =
  | { readonly driver: 'sqlite'; readonly path: string }
  | { readonly driver: 'postgres'; readonly url: string; readonly schema: string }
  | { readonly driver: 'redis'; readonly url: string; readonly prefix: string };

export const openCounters = (place: StorePlace): CounterStore => {
  switch (place.driver) {
    case 'sqlite':
      return createSqliteCounterStore({ path: place.path, busyTimeoutMs: 20_000 });
    case 'postgres':
      return createPostgresCounterStore({ ...place, timeoutMs: 20_000 });
    case 'redis':
      return createRedisCounterStore({ ...place, timeoutMs: 20_000 });
  }
};
