// A process of its own that records, corrects and rates calls until it is stopped, for tests of many writers.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sqliteLedger } from '../../src/ledger/sqlite/index.js';
import { sampleCall } from '../sample-call.js';

const [, , path = '', name = ''] = process.argv;
const ledger = sqliteLedger({ path });
const pick = <Value>(values: readonly Value[]): Value =>
  values[Math.floor(Math.random() * values.length)] as Value;

let stopping = false;
process.on('message', () => {
  stopping = true;
});

for (let round = 0; !stopping; round += 1) {
  for (let index = 0; index < 40; index += 1) {
    // The processes have some calls in common, so that they change each other's.
    const id = pick([`${name}-${round}-${index}`, `shared-${index}`]);
    ledger.record(
      sampleCall(id, {
        startedAt: Date.UTC(2026, 0, pick([1, 2, 30])) + index * 600_000,
        model: pick(['gpt', 'llama']),
        user: pick(['ann', 'bob', null]),
        costUsd: pick([null, 0.25, 1.5]),
        compression: pick([null, { fold: 2 }]),
      }),
    );
    if (index % 5 === 0) ledger.amend(`shared-${index}`, { rating: pick([1, 5]), model: 'gpt' });
  }
  await ledger.flush();
  process.send?.('wrote');
  // A flush that has nothing to wait for leaves no turn to messages.
  await nextTurn();
}
await ledger.close();
process.disconnect();
