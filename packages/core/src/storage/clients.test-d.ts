import type { Cluster, Redis } from 'ioredis';
import type { Pool } from 'pg';
import { expectTypeOf, test } from 'vitest';
import type { PostgresPool } from './postgres/postgres-pool.js';
import type { RedisClient } from './redis/redis-options.js';

test('a pool of pg and the clients of ioredis can be handed in as they are', () => {
  expectTypeOf<Pool>().toExtend<PostgresPool>();
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
});
