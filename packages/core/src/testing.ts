// Suites that prove a driver. They need `vitest` and `fast-check`, which are optional peers.
export { describeCounterStore } from './storage/conformance/describe-counter-store.js';
export { describeRecordStore } from './storage/conformance/describe-record-store.js';
export { describeValueStore, type ValueStoreUnderTest } from './storage/conformance/describe-value-store.js';
