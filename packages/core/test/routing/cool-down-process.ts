// A process of its own that skips what fails, for tests of many processes. It does what its parent asks.
import { ProviderError } from '../../src/model/errors/provider-error.js';
import { createCoolDown } from '../../src/routing/cool-down/cool-down.js';
import type { CoolDownCall } from '../../src/routing/cool-down/cool-down-standing.js';
import { createSqliteValueStore } from '../../src/storage/sqlite/sqlite-value-store.js';
import type { CoolDownCommand, Trial } from './cool-down-commands.js';

const store = createSqliteValueStore({ path: String(process.argv[2]), busyTimeoutMs: 20_000 });
const coolDown = createCoolDown({ store, baseMs: 200, leaseMs: 1_800, syncMs: 50 });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const nextTrial = async (withinMs: number): Promise<CoolDownCall | undefined> => {
  for (const end = Date.now() + withinMs; Date.now() < end; await pause(2)) {
    const call = coolDown.begin('p', 'm');
    if (call !== undefined) return call;
  }
  return undefined;
};

const failure = (): ProviderError => new ProviderError('SERVER_ERROR', 'x', { provider: 'p' });

const hammer = async (forMs: number, holdMs: number): Promise<readonly Trial[]> => {
  const trials: Trial[] = [];
  for (const end = Date.now() + forMs; Date.now() < end; ) {
    const call = await nextTrial(end - Date.now());
    if (call === undefined) break;
    const from = Date.now();
    await pause(holdMs);
    trials.push({ from, to: Date.now() });
    call.abandoned();
  }
  return trials;
};

const perform = async (command: CoolDownCommand): Promise<unknown> => {
  switch (command.do) {
    case 'fail':
      for (let count = 0; count < command.times; count++) coolDown.begin('p', 'm')?.failed(failure());
      return coolDown.sync();
    case 'look':
      await coolDown.sync();
      return coolDown.list();
    case 'hammer':
      return hammer(command.forMs, command.holdMs);
    case 'try': {
      const call = await nextTrial(command.withinMs);
      if (command.end === 'success') call?.succeeded();
      if (command.end === 'failure') call?.failed(failure());
      if (command.end !== 'never') await coolDown.sync();
      return call?.trial;
    }
  }
};

process.on('message', async (command: CoolDownCommand) => {
  try {
    process.send?.({ result: await perform(command) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.({ result: 'ready' });
