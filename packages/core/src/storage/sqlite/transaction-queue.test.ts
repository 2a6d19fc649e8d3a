import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { counterOperations } from '../counter-operations.js';
import { COUNTER_TABLES, createCounterTables } from './counter-tables.js';
import { migrateTables } from './migrate.js';
import { createSqliteCounterStore } from './sqlite-counter-store.js';
import { createSqliteValueStore } from './sqlite-value-store.js';
import { createTransactionQueue } from './transaction-queue.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-transactions-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = (): string => {
  files += 1;
  return join(folder, `${files}.db`);
};

const limits = [
  { key: 'a', limit: 100 },
  { key: 'b', limit: 100 },
];

describe('a file whose lock another process holds', () => {
  const lock = (path: string): DatabaseSync => {
    const holder = new DatabaseSync(path);
    holder.exec('BEGIN IMMEDIATE');
    return holder;
  };

  test('is waited for while the event loop runs on, and what waits is done in order', async () => {
    const path = newPath();
    await using store = createSqliteCounterStore({ path });
    await store.add('a', 1);
    const holder = lock(path);
    const done: number[] = [];
    const adding = [1, 2, 3].map(async (amount) => {
      await store.add('a', amount);
      done.push(amount);
    });
    for (let turn = 0; turn < 300; turn += 1) await nextTurn();
    expect(done).toEqual([]);
    expect(await store.read(['a'])).toMatchObject([{ used: 1 }]);
    holder.close();
    await Promise.all(adding);
    expect(done).toEqual([1, 2, 3]);
    expect(await store.read(['a'])).toMatchObject([{ used: 7 }]);
  });

  test('is reported as STORAGE when it is not free in time, and nothing is written', async () => {
    const path = newPath();
    await using store = createSqliteCounterStore({ path, busyTimeoutMs: 30 });
    await using values = createSqliteValueStore({ path, busyTimeoutMs: 30 });
    await store.add('a', 1);
    await values.set('v', 'before');
    const holder = lock(path);
    const failure = expect.objectContaining({
      code: 'STORAGE',
      retryable: true,
      message: expect.stringContaining('another process holds the lock'),
    });
    await expect(store.reserve(limits, 5, { leaseId: 'x', leaseMs: 60_000 })).rejects.toEqual(failure);
    await expect(values.set('v', 'after')).rejects.toEqual(failure);
    expect(await values.get('v')).toBe('before');
    holder.close();
    expect(await store.read(['a', 'b'])).toMatchObject([{ reserved: 0 }, { reserved: 0 }]);
    expect(await store.reserve(limits, 5, { leaseId: 'x', leaseMs: 60_000 })).toMatchObject({
      granted: true,
    });
  });

  test('does not keep an operation that is cancelled, nor one of a store that is closed', async () => {
    const path = newPath();
    const store = createSqliteCounterStore({ path });
    await store.add('a', 1);
    const holder = lock(path);
    const controller = new AbortController();
    const cancelled = store.add('a', 10, { signal: controller.signal });
    const closed = store.add('a', 100);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    const refused = expect(closed).rejects.toMatchObject({ code: 'CLOSED' });
    await store.close();
    await refused;
    holder.close();
    await using again = createSqliteCounterStore({ path });
    expect(await again.read(['a'])).toMatchObject([{ used: 1 }]);
  });
});

describe('a file that another process holds as a whole when it is opened', () => {
  /** A file that is not ours yet: it has no log beside it, and who writes it keeps out even those who read. */
  const hold = (path: string): DatabaseSync => {
    const holder = new DatabaseSync(path);
    holder.exec('CREATE TABLE theirs (a); BEGIN EXCLUSIVE');
    return holder;
  };

  test('is waited for while the event loop runs on', async () => {
    const path = newPath();
    const holder = hold(path);
    await using store = createSqliteCounterStore({ path });
    await using values = createSqliteValueStore({ path });
    const asked = [store.add('a', 1), store.read(['a']), values.get('v'), values.set('w', 'x')];
    const first = await Promise.race([nextTurn('the event loop'), ...asked]);
    expect(first).toBe('the event loop');
    for (let turn = 0; turn < 300; turn += 1) await nextTurn();
    holder.exec('ROLLBACK');
    holder.close();
    await Promise.all(asked);
    expect(await store.read(['a'])).toMatchObject([{ used: 1 }]);
    expect(await values.get('w')).toBe('x');
  });

  test('is reported as STORAGE when it is not free in time; who cancels or closes does not wait', async () => {
    const path = newPath();
    const holder = hold(path);
    const hasty = createSqliteValueStore({ path, busyTimeoutMs: 30 });
    const failure = expect.objectContaining({
      code: 'STORAGE',
      retryable: true,
      message: expect.stringContaining('another process holds the lock'),
    });
    await expect(hasty.get('v')).rejects.toEqual(failure);
    await expect(hasty.set('v', 'x')).rejects.toEqual(failure);
    await hasty.close();

    const patient = createSqliteValueStore({ path });
    const controller = new AbortController();
    const cancelled = expect(patient.get('v', { signal: controller.signal })).rejects.toThrow('changed');
    controller.abort(new Error('changed my mind'));
    await cancelled;
    const closed = expect(patient.get('v')).rejects.toMatchObject({ code: 'CLOSED' });
    await patient.close();
    await closed;
    holder.close();
  });
});

describe('a disk that is full', () => {
  test('is reported as STORAGE, leaves nothing half-written, and is used again when there is room', async () => {
    let database: DatabaseSync | undefined;
    const queue = createTransactionQueue({
      path: newPath(),
      busyTimeoutMs: 1_000,
      prepare(opened) {
        migrateTables(opened, COUNTER_TABLES);
        database = opened;
      },
    });
    const tablesOn = createCounterTables();
    const run = <Result>(
      work: (operations: ReturnType<typeof counterOperations>) => Result,
    ): Promise<Result> =>
      queue.run((opened) => work(counterOperations(tablesOn(opened), Date.now, 1_000)), undefined);
    const many = Array.from({ length: 60 }, (_, index) => ({
      key: `${index}-${'k'.repeat(300)}`,
      limit: 10,
    }));
    const keys = many.map(({ key }) => key);

    await run((operations) => operations.add('first', 1, undefined));
    database?.exec('PRAGMA max_page_count = 1');
    const reserving = () =>
      run((operations) => operations.reserve(many, 5, { leaseId: 'x', leaseMs: 60_000 }));
    await expect(reserving()).rejects.toMatchObject({
      code: 'STORAGE',
      retryable: true,
      message: expect.stringContaining('the disk is full'),
    });
    const states = await run((operations) => operations.read(keys));
    expect(states.every(({ reserved, used }) => reserved === 0 && used === 0)).toBe(true);
    database?.exec('PRAGMA max_page_count = 1000000');
    expect(await reserving()).toMatchObject({ granted: true });
    queue.close();
  });
});

describe('operations of one moment', () => {
  test('fail one by one for their own faults', async () => {
    await using store = createSqliteCounterStore({ path: newPath() });
    const lease = { leaseId: 'x', leaseMs: 60_000 };
    await store.reserve(limits, 5, lease);
    await store.settle('x', 5);
    const [added, reserved, read] = await Promise.allSettled([
      store.add('a', 1),
      store.reserve(limits, 5, lease),
      store.add('a', 1),
    ]);
    expect([added.status, reserved.status, read.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.read(['a'])).toMatchObject([{ used: 7, reserved: 0 }]);
  });

  test('share a file with records and values', async () => {
    const path = newPath();
    await using counters = createSqliteCounterStore({ path });
    await using values = createSqliteValueStore({ path });
    await Promise.all([counters.add('a', 1), values.set('a', 'x')]);
    expect(await values.get('a')).toBe('x');
    expect(await counters.read(['a'])).toMatchObject([{ used: 1 }]);
  });

  test('of software that is older than the file are refused, and the file stays as it is', async () => {
    const path = newPath();
    const first = createSqliteCounterStore({ path });
    await first.add('a', 1);
    await first.close();
    const database = new DatabaseSync(path);
    database.exec("UPDATE millrace_migrations SET version = 99 WHERE collection = 'millrace_counters'");
    database.close();
    await using older = createSqliteCounterStore({ path });
    const newer = expect.objectContaining({
      code: 'STORAGE',
      retryable: false,
      message: expect.stringContaining('version 99'),
    });
    await expect(older.add('a', 1)).rejects.toEqual(newer);
    await expect(older.read(['a'])).rejects.toEqual(newer);
  });
});

test('leases that nobody settles return by the real clock', async () => {
  await using store = createSqliteCounterStore({ path: newPath() });
  await store.reserve(limits, 100, { leaseId: 'crashed', leaseMs: 30 });
  await vi.waitFor(async () =>
    expect(await store.reserve(limits, 100, { leaseId: crypto.randomUUID(), leaseMs: 60_000 })).toMatchObject(
      {
        granted: true,
      },
    ),
  );
});
