import { describeValueStore } from '../conformance/describe-value-store.js';
import { createMemoryValueStore } from './memory-value-store.js';

describeValueStore('Memory', () => {
  let time = 0;
  return {
    store: createMemoryValueStore({ now: () => time }),
    advance(milliseconds) {
      time += milliseconds;
    },
  };
});
