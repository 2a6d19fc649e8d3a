import { startStoreLife } from '../store-life.js';
import type { ValueStore } from '../value-store.js';
import { valueStoreOf } from '../value-store-of.js';
import { connectRedis, type RedisArgument, redisScript } from './redis-connection.js';
import { type RedisOptions, redisSettings } from './redis-options.js';

// ARGV: whether a value is expected, it, whether to write one, it, its time to live or nothing.
const SWAP = redisScript(`
local value = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if value ~= ARGV[2] then return 0 end
elseif value then
  return 0
end
if ARGV[3] == '0' then
  redis.call('DEL', KEYS[1])
elseif ARGV[5] == '' then
  redis.call('SET', KEYS[1], ARGV[4])
else
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
end
return 1
`);

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const optional = (bytes: Uint8Array | undefined): readonly RedisArgument[] =>
  bytes === undefined ? ['0', ''] : ['1', asBuffer(bytes)];

/** Keeps values in Redis, for processes on many machines. Needs the optional package `ioredis`. */
export const createRedisValueStore = (options: RedisOptions): ValueStore => {
  const settings = redisSettings(options);
  const connection = connectRedis(settings);
  const keyOf = (key: string): string => `${settings.prefix}value:${key}`;
  const life = startStoreLife({ name: 'The value store', sweep: () => 0, release: connection.close });
  return valueStoreOf(
    {
      async get(key, signal) {
        const value = await connection.callBuffer('GET', [keyOf(key)], signal);
        return value instanceof Uint8Array ? value : undefined;
      },
      async set(key, value, { ttlMs, signal }) {
        const expiry = ttlMs === undefined ? [] : ['PX', ttlMs];
        await connection.call('SET', [keyOf(key), asBuffer(value), ...expiry], signal);
      },
      delete: async (key, signal) => (await connection.call('DEL', [keyOf(key)], signal)) === 1,
      async compareAndSet(key, expected, next, { ttlMs, signal }) {
        const args = [...optional(expected), ...optional(next), ttlMs ?? ''];
        return (await connection.run(SWAP, [keyOf(key)], args, signal)) === 1;
      },
      // Redis forgets by itself.
      sweep: () => 0,
    },
    life,
  );
};
