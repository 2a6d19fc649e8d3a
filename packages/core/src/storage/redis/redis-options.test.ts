import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { freshName, withService } from '../../../test/stores/services.js';
import { createRedisCounterStore } from './redis-counter-store.js';
import type { RedisClient } from './redis-options.js';
import { createRedisValueStore } from './redis-value-store.js';

describe('the options of a Redis store', () => {
  test.each([
    ['neither url nor client', {}],
    ['a url of something else', { url: 'http://user:hunter2@localhost' }],
    ['a prefix that a cluster would spread', { url: 'redis://localhost', prefix: 'millrace:' }],
    ['no time', { url: 'redis://localhost', timeoutMs: -1 }],
  ])('are refused with %s, and the message holds no password', (_, options) => {
    const refusal = expect.objectContaining({
      code: 'BAD_REQUEST',
      message: expect.not.stringContaining('hunter2'),
    });
    expect(() => createRedisCounterStore(options)).toThrow(refusal);
    expect(() => createRedisValueStore(options)).toThrow(refusal);
  });
});

withService('REDIS', (url) => {
  describe('counters in Redis', () => {
    test('go by the clock of the server', async () => {
      await using store = createRedisCounterStore({ url, prefix: `{${freshName()}}:` });
      const limits = [{ key: 'a', limit: 10, windowEnd: Date.now() + 86_400_000 }];
      await store.reserve(limits, 10, { leaseId: 'crashed', leaseMs: 50 });
      await vi.waitFor(async () => {
        const lease = { leaseId: crypto.randomUUID(), leaseMs: 60_000 };
        expect(await store.reserve(limits, 10, lease)).toMatchObject({ granted: true });
      });
    });

    test('leave no key without an end behind, but for counters without one', async () => {
      const prefix = `{${freshName()}}:`;
      const client = new Redis(url);
      const store = createRedisCounterStore({ client, prefix });
      await store.reserve(
        [
          { key: 'day', limit: 10, windowEnd: Date.now() + 60_000 },
          { key: 'ever', limit: 10 },
        ],
        5,
        { leaseId: 'x', leaseMs: 1_000 },
      );
      await store.settle('x', 5);
      const keys = (await client.keys(`${prefix.replace(/[{}]/g, '?')}*`)).sort();
      const endless: string[] = [];
      for (const key of keys) if ((await client.pttl(key)) === -1) endless.push(key);
      expect(keys).toHaveLength(3);
      expect(endless).toEqual([`${prefix}counter:ever`]);
      client.disconnect();
    });

    test('work on after the server forgot their programs', async () => {
      const client = new Redis(url);
      const store = createRedisCounterStore({ client, prefix: `{${freshName()}}:` });
      await store.add('a', 1);
      await client.script('FLUSH');
      expect(await store.add('a', 1)).toMatchObject({ used: 2 });
      client.disconnect();
    });

    test('refuse a server that drops keys when its memory is full, unless that is allowed', async () => {
      const client = new Redis(url);
      const info = '# Memory\r\nmaxmemory:1000000\r\nmaxmemory_policy:allkeys-lru\r\n';
      // The server is shared with other tests, so that its real setting cannot be changed.
      const full: RedisClient = {
        call: async (command, ...args) => (command === 'INFO' ? info : client.call(command, ...args)),
        callBuffer: (command, ...args) => client.callBuffer(command, ...args),
      };
      const options = { client: full, prefix: `{${freshName()}}:` };
      await expect(createRedisCounterStore(options).add('a', 1)).rejects.toMatchObject({
        code: 'STORAGE',
        retryable: false,
        details: { policy: 'allkeys-lru' },
      });
      expect(await createRedisCounterStore({ ...options, allowEviction: true }).add('a', 1)).toMatchObject({
        used: 1,
      });
      client.disconnect();
    });
  });
});
