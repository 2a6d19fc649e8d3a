import { SAMPLES } from '../../src/storage/conformance/sample.js';
import type { CollectionDefinition } from '../../src/storage/record-store.js';

/** Samples with segments so large that a process can be killed while it writes one. */
export const PACKED: CollectionDefinition = {
  ...SAMPLES,
  migrations: [
    ...SAMPLES.migrations,
    { addSegments: { time: 'at', columns: ['name', 'score', 'flag', 'data'], size: 64 } },
  ],
};
