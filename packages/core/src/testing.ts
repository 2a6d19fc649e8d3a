// Suites that prove a driver. They need `vitest` and `fast-check`, which are optional peers.
export { describeRecordStore } from './storage/conformance/describe-record-store.js';
