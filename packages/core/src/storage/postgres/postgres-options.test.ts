import { Pool } from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { freshName, withService } from '../../../test/stores/services.js';
import { createPostgresCounterStore } from './postgres-counter-store.js';
import { createPostgresRecordStore } from './postgres-record-store.js';

describe('the options of a Postgres store', () => {
  test.each([
    ['neither url nor pool', {}],
    ['a url of something else', { url: 'mysql://localhost/x' }],
    ['a url that is none', { url: 'postgres//user:hunter2@host' }],
    ['a schema that is SQL', { url: 'postgres://localhost/x', schema: 'a"; DROP TABLE b' }],
    ['a schema of the system', { url: 'postgres://localhost/x', schema: 'pg_toast' }],
    ['no time', { url: 'postgres://localhost/x', timeoutMs: 0 }],
  ])('are refused with %s, and the message holds no password', (_, options) => {
    const refusal = expect.objectContaining({
      code: 'BAD_REQUEST',
      message: expect.not.stringContaining('hunter2'),
    });
    expect(() => createPostgresCounterStore(options)).toThrow(refusal);
  });
});

withService('POSTGRES', (url) => {
  describe('counters in Postgres', () => {
    test('go by the clock of the server, whatever the clock of the process says', async () => {
      const schema = freshName();
      await using store = createPostgresCounterStore({ url, schema });
      const day = 86_400_000;
      const limits = [{ key: 'a', limit: 10, windowEnd: Date.now() + day }];
      await store.reserve(limits, 10, { leaseId: 'crashed', leaseMs: 50 });
      const ahead = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * day);
      try {
        expect(await store.read(['a'])).toMatchObject([{ expiresAt: limits[0]?.windowEnd }]);
      } finally {
        ahead.mockRestore();
      }
      await vi.waitFor(async () => {
        const lease = { leaseId: crypto.randomUUID(), leaseMs: 60_000 };
        expect(await store.reserve(limits, 10, lease)).toMatchObject({ granted: true });
      });
    });

    test('refuse a database whose transactions do not see what others committed', async () => {
      const options = '-c default_transaction_isolation=repeatable\\ read';
      await using store = createPostgresCounterStore({
        url: `${url}?options=${encodeURIComponent(options)}`,
        schema: freshName(),
      });
      await expect(store.add('a', 1)).rejects.toMatchObject({
        code: 'STORAGE',
        retryable: false,
        message: expect.stringContaining('read committed'),
      });
    });

    test('forget what has ended', async () => {
      let time = Date.now();
      await using store = createPostgresCounterStore({
        url,
        schema: freshName(),
        now: () => time,
        keepMs: 1_000,
      });
      const limits = [
        { key: 'a', limit: 10, windowEnd: time + 500 },
        { key: 'b', limit: 10 },
      ];
      await store.reserve(limits, 5, { leaseId: 'x', leaseMs: 100 });
      expect(await store.sweep()).toBe(0);
      time += 500;
      expect(await store.sweep()).toBe(1);
      expect(await store.settle('x', 5)).toBe('settled');
      time += 1_000;
      expect(await store.sweep({ limit: 1 })).toBe(1);
      expect(await store.sweep()).toBe(1);
      expect(await store.settle('x', 5)).toBe('unknown');
      expect(await store.read(['a', 'b'])).toMatchObject([{ used: 0 }, { used: 5 }]);
    });
  });

  test('a pool that is handed in is left open', async () => {
    const pool = new Pool({ connectionString: url });
    const store = createPostgresRecordStore({ pool, schema: freshName() });
    await store.close();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });
});
