import { positive } from '../check-request.js';
import { usedLeaseError } from '../counter-operations.js';
import type { CounterLimit, CounterState, CounterStore, LeaseOutcome } from '../counter-store.js';
import { counterStoreOf } from '../counter-store-of.js';
import { once } from '../once.js';
import { keysOf, reservationOf } from '../reservation.js';
import { storageError } from '../storage-error.js';
import { startStoreLife } from '../store-life.js';
import { ADD, CHARGE, READ, RESERVE } from './counter-scripts.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { type RedisOptions, redisSettings } from './redis-options.js';

/** Options of {@link createRedisCounterStore}. */
export interface RedisCounterStoreOptions extends RedisOptions {
  /** How long a lease is remembered after its end or its settlement, in milliseconds. Default: 900000, 15 minutes. */
  readonly keepMs?: number | undefined;
  /** The clock, in milliseconds since 1970, for tests. Default: that of the server, so that all processes agree. */
  readonly now?: (() => number) | undefined;
  /** Also use a server that may drop counters when its memory is full, and so forget what was spent. Default: false. */
  readonly allowEviction?: boolean | undefined;
}

const toState = (key: string, [used, reserved, end]: readonly string[]): CounterState => ({
  key,
  used: Number(used),
  reserved: Number(reserved),
  expiresAt: end === undefined || end === '' ? undefined : Number(end),
});

const statesOf = (keys: readonly string[], flat: readonly string[]): readonly CounterState[] =>
  keys.map((key, index) => toState(key, flat.slice(3 * index, 3 * index + 3)));

const checkEviction = async (connection: RedisConnection): Promise<void> => {
  const info = String(await connection.call('INFO', ['memory']));
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  const isBounded = /^maxmemory:[1-9]/m.test(info);
  if (!isBounded || policy === 'noeviction') return;
  throw storageError(
    `The Redis server drops keys when its memory is full (${policy}), and counters with them. Set its maxmemory-policy to noeviction, or allow it by "allowEviction".`,
    { retryable: false, details: { policy } },
  );
};

/** The part of the arguments of a reservation that says what each limit allows. */
const limitArguments = (limits: readonly CounterLimit[], keys: readonly string[]): readonly string[] =>
  limits.flatMap(({ key, limit, windowEnd, including = [] }) => {
    const others = [...new Set(including)].filter((other) => other !== key);
    const numbers = others.map((other) => keys.indexOf(other) + 1);
    return [limit, windowEnd ?? '', numbers.length, ...numbers].map(String);
  });

/**
 * Keeps counters in Redis, for processes on many machines. Needs the optional package `ioredis`, and Redis 6.2 or
 * newer. They are as durable as the server is set up to be: see docs/storage.md.
 */
export const createRedisCounterStore = (options: RedisCounterStoreOptions): CounterStore => {
  const settings = redisSettings(options);
  const { prefix } = settings;
  const keepMs = positive('keepMs', options.keepMs ?? 900_000);
  const connection = connectRedis(settings);
  const ready = once('The Redis store', async () => {
    if (options.allowEviction !== true) await checkEviction(connection);
  });
  const clock = (): string => (options.now === undefined ? '' : String(Math.floor(options.now())));
  const leaseKey = (leaseId: string): string => `${prefix}lease:${leaseId}`;
  const counterKeys = (keys: readonly string[]): readonly string[] =>
    keys.flatMap((key) => [`${prefix}counter:${key}`, `${prefix}leases:${key}`]);

  const life = startStoreLife({
    name: 'The counter store',
    sweep: () => 0,
    release: connection.close,
  });
  return counterStoreOf(
    {
      async reserve(limits, amount, { leaseId, leaseMs, signal }) {
        await ready(signal);
        const own = limits.map(({ key }) => key);
        const keys = [...new Set([...own, ...keysOf(limits)])];
        const answer = (await connection.run(
          RESERVE,
          [leaseKey(leaseId), ...counterKeys(keys)],
          [
            clock(),
            amount,
            leaseId,
            leaseMs,
            keepMs,
            JSON.stringify(own),
            limits.length,
            ...limitArguments(limits, keys),
          ],
          signal,
        )) as readonly string[];
        const [result, now, ...flat] = answer;
        if (result === 'used') throw usedLeaseError(leaseId);
        const states = new Map(statesOf(keys, flat).map((state) => [state.key, state]));
        return reservationOf(limits, amount, {
          result: result as 'granted' | 'limit' | 'window-over',
          states,
          now: Number(now),
        });
      },
      async charge(leaseId, amount, again, signal) {
        await ready(signal);
        // A script names its keys beforehand, and those of a lease never change.
        const stored = await connection.call('HGET', [leaseKey(leaseId), 'keys'], signal);
        if (typeof stored !== 'string') return 'unknown';
        const keys = [leaseKey(leaseId), ...counterKeys(JSON.parse(stored) as readonly string[])];
        const args = [clock(), amount, again, leaseId, keepMs];
        return (await connection.run(CHARGE, keys, args, signal)) as LeaseOutcome;
      },
      async add(key, amount, { ttlMs, signal }) {
        await ready(signal);
        const args = [clock(), amount, ttlMs ?? ''];
        return toState(
          key,
          (await connection.run(ADD, counterKeys([key]), args, signal)) as readonly string[],
        );
      },
      async read(keys, signal) {
        await ready(signal);
        const flat = await connection.run(READ, counterKeys(keys), [clock()], signal);
        return statesOf(keys, flat as readonly string[]);
      },
      // Redis forgets by itself.
      sweep: () => 0,
    },
    life,
  );
};
