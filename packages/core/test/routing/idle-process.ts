// A process that shares routing state and closes none of it; it must end by itself.
import { MillraceError } from '../../src/model/errors/millrace-error.js';
import { createCoolDown } from '../../src/routing/cool-down/cool-down.js';
import { createExperiments } from '../../src/routing/experiments/experiments.js';
import { createHistory } from '../../src/routing/history/history.js';
import { createMemoryValueStore } from '../../src/storage/memory/memory-value-store.js';

const store = createMemoryValueStore();
createHistory({ store });
createExperiments({ experiments: [], store });
let now = 0;
const coolDown = createCoolDown({ store, clock: () => now });
for (let count = 0; count < 3; count++) {
  coolDown.begin('p', 'm')?.failed(new MillraceError('SERVER_ERROR', 'x'));
}
now += 60_000;
coolDown.begin('p', 'm');
// The permission to try arrives in the background.
setTimeout(() => console.log(`trial: ${coolDown.begin('p', 'm')?.trial}`), 50);
