import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createMemoryValueStore } from '../../storage/memory/memory-value-store.js';
import { createSqliteValueStore } from '../../storage/sqlite/sqlite-value-store.js';
import type { ValueStore } from '../../storage/value-store.js';
import { createHistory, type History } from './history.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = Date.UTC(2026, 10, 21);
const MODELS = Array.from({ length: 12 }, (_, index) => `m${index}`);
const HOUR = 3_600_000;

/** Exchanges only when asked to. */
const open = (store: ValueStore, onStoreError: (error: Error) => void = () => undefined): History =>
  createHistory({ store, clock: () => NOW, syncMs: HOUR, onStoreError });

const callsOf = (history: History): number[] => MODELS.map((model) => history.look('p', model, 'c').calls);

/** Does the write, and then reports a failure: the answer of the store is lost. */
const losingAnswers = (store: ValueStore, lost: { left: number }): ValueStore => ({
  ...store,
  async compareAndSet(...change) {
    const written = await store.compareAndSet(...change);
    if (lost.left-- > 0) throw new Error('connection reset');
    return written;
  },
});

test('histories that write at the same moment lose nothing', async () => {
  const path = join(folder, 'shared.db');
  const stores = Array.from({ length: 4 }, () => createSqliteValueStore({ path }));
  const histories = stores.map((store) => open(store));
  const rounds = 15;
  await Promise.all(
    histories.map(async (history) => {
      for (let round = 0; round < rounds; round++) {
        for (const model of MODELS) history.record({ provider: 'p', model, category: 'c', success: 1 });
        await history.sync();
      }
    }),
  );
  for (const history of histories) {
    await history.sync();
    expect(callsOf(history)).toEqual(MODELS.map(() => rounds * histories.length));
    await history.close();
  }
  for (const store of stores) await store.close();
});

test('what was counted survives the process', async () => {
  const store = createMemoryValueStore();
  const before = open(store);
  before.record({ provider: 'p', model: 'm0', category: 'c', success: 0.5, latencyMs: 80, costUsd: 0.1 });
  await before.close();
  const after = open(store);
  await after.sync();
  expect(after.look('p', 'm0', 'c')).toMatchObject({
    calls: 1,
    successRate: 0.5,
    latencyMs: 80,
    costUsd: 0.1,
  });
  await after.close();
});

test('an answer that is lost does not count the same call twice', async () => {
  const store = createMemoryValueStore();
  const lost = { left: 0 };
  const history = open(losingAnswers(store, lost));
  await history.sync();
  lost.left = MODELS.length;
  for (const model of MODELS) history.record({ provider: 'p', model, category: 'c', success: 1 });
  await expect(history.sync()).rejects.toThrow('connection reset');
  history.record({ provider: 'p', model: 'm0', category: 'c', success: 1 });
  lost.left = 0;
  await history.sync();
  const other = open(store);
  await other.sync();
  expect(callsOf(other)).toEqual([2, ...MODELS.slice(1).map(() => 1)]);
  expect(callsOf(history)).toEqual(callsOf(other));
  await Promise.all([history.close(), other.close()]);
});

test('a store that fails stops neither counting nor looking, and is caught up with later', async () => {
  const store = createMemoryValueStore();
  let down = true;
  const failing: ValueStore = {
    ...store,
    get: (...query) => (down ? Promise.reject(new Error('down')) : store.get(...query)),
  };
  const errors: Error[] = [];
  const history = open(failing, (error) => errors.push(error));
  history.record({ provider: 'p', model: 'm0', category: 'c', success: 1 });
  await expect(history.sync()).rejects.toThrow('down');
  expect(history.look('p', 'm0', 'c').calls).toBe(1);
  expect(errors.map((error) => error.message)).toEqual([
    'The routing history could not be shared: the store failed.',
  ]);
  down = false;
  await history.close();
  const other = open(store);
  await other.sync();
  expect(other.look('p', 'm0', 'c').calls).toBe(1);
  await other.close();
});

test('a damaged document is begun anew', async () => {
  const store = createMemoryValueStore();
  for (let part = 0; part < 8; part++)
    await store.set(`history:${part}`, '{"tallies":{"p\\nm0\\nc":[1,"x"]},');
  const history = open(store);
  history.record({ provider: 'p', model: 'm0', category: 'c', success: 1 });
  await history.sync();
  expect(callsOf(history)[0]).toBe(1);
  await history.close();
});

test('loading takes the place of what is shared, also for the others', async () => {
  const store = createMemoryValueStore();
  const [one, other] = [open(store), open(store)];
  for (const model of MODELS) other.record({ provider: 'p', model, category: 'c', success: 1 });
  await other.sync();
  await one.sync();
  const source = createHistory({ clock: () => NOW });
  for (let call = 0; call < 3; call++)
    source.record({ provider: 'p', model: 'm1', category: 'c', success: 1 });
  one.load(source.snapshot());
  one.record({ provider: 'p', model: 'm2', category: 'c', success: 1 });
  await one.sync();
  await other.sync();
  const expected = MODELS.map((_, index) => (index === 1 ? 3 : index === 2 ? 1 : 0));
  expect(callsOf(one)).toEqual(expected);
  expect(callsOf(other)).toEqual(expected);
  await Promise.all([one.close(), other.close()]);
});

test('the wait for a store that hangs can be ended, and calls go on meanwhile', async () => {
  const store: ValueStore = { ...createMemoryValueStore(), get: () => new Promise(() => undefined) };
  const history = open(store);
  const controller = new AbortController();
  const waiting = history.sync({ signal: controller.signal });
  controller.abort(new Error('no time'));
  await expect(waiting).rejects.toThrow('no time');
  history.record({ provider: 'p', model: 'm0', category: 'c', success: 1 });
  expect(history.look('p', 'm0', 'c').calls).toBe(1);
});
