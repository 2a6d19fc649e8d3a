// A process of its own that writes samples of which segments are made until it is killed, for tests of many writers.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sample } from '../../src/storage/conformance/sample.js';
import { createSqliteRecordStore } from '../../src/storage/sqlite/sqlite-record-store.js';
import { PACKED } from './packed-samples.js';

const [, , path = '', name = ''] = process.argv;
const collection = createSqliteRecordStore({ path }).collection<ReturnType<typeof sample>>(PACKED);
const pick = <Value>(values: readonly Value[]): Value =>
  values[Math.floor(Math.random() * values.length)] as Value;

for (let round = 0; ; round += 1) {
  for (let index = 0; index < 60; index += 1) {
    const values = {
      at: round,
      name: pick(['x', 'y', null]),
      score: pick([0.25, 4, null]),
      data: pick([{ fold: 1 }, ['fold'], null]),
    };
    collection.put(sample(`${name}-${round}-${index}`, values));
    // The processes have some records in common, so that they change each other's.
    if (index % 10 === 0) collection.put(sample(`shared-${index + 60 * (round % 5)}`, values));
    if (index % 15 === 0) collection.update(`shared-${index}`, { score: pick([7, 8]) });
    if (index % 20 === 0 && round > 2) collection.remove(`${name}-${round - 2}-${index}`);
  }
  await collection.flush();
  process.send?.('wrote');
  // A flush that has nothing to wait for leaves no turn to messages.
  await nextTurn();
}
