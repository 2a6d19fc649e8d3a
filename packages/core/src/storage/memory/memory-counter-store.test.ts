import { expect, test } from 'vitest';
import { describeCounterStore } from '../conformance/describe-counter-store.js';
import { createMemoryCounterStore } from './memory-counter-store.js';

describeCounterStore('Memory', (now) => createMemoryCounterStore({ now }));

test('a lease is forgotten by a sweep once its time to be remembered is over', async () => {
  let time = 0;
  const store = createMemoryCounterStore({ now: () => time, keepMs: 1_000 });
  await store.reserve([{ key: 'a', limit: 5 }], 5, { leaseId: 'x', leaseMs: 100 });
  await store.settle('x', 3);
  time = 999;
  expect(await store.sweep()).toBe(0);
  expect(await store.adjust('x', 4)).toBe('settled');
  time = 1_999;
  expect(await store.sweep()).toBe(1);
  expect(await store.adjust('x', 5)).toBe('unknown');
  expect(await store.read(['a'])).toMatchObject([{ used: 4, reserved: 0 }]);
});
