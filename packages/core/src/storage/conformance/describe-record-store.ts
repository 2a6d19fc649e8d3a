import { describe } from 'vitest';
import type { RecordStore } from '../record-store.js';
import { describeAggregates } from './aggregates.js';
import { describeGroups } from './groups.js';
import { describeLifecycle } from './lifecycle.js';
import { describePaging } from './paging.js';
import { describeQueries } from './queries.js';
import { describeRecords } from './records.js';
import { describeRollUps } from './roll-ups.js';
import type { WithStore } from './sample.js';
import { describeSegments } from './segments.js';
import { describeSorting } from './sorting.js';
import { describeUpdates } from './updates.js';

/**
 * Proves that a record store behaves like every other. Call it at the top level of a vitest test file;
 * `vitest` and `fast-check` are optional peers that only this needs.
 *
 * @param name the driver, for titles
 * @param factory opens a new, empty store; the suite closes it
 */
export const describeRecordStore = (
  name: string,
  factory: () => RecordStore | Promise<RecordStore>,
): void => {
  const withStore: WithStore = (run) => async () => {
    const store = await factory();
    try {
      await run(store);
    } finally {
      await store.close();
    }
  };
  describe(`${name} as a record store`, () => {
    describeRecords(withStore);
    describeUpdates(withStore);
    describeQueries(withStore);
    describePaging(withStore);
    describeSorting(withStore);
    describeAggregates(withStore);
    describeGroups(withStore);
    describeRollUps(withStore);
    describeSegments(withStore);
    describeLifecycle(withStore);
  });
};
