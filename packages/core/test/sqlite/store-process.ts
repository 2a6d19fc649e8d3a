// A process of its own that uses a store, for tests of many processes. It does what its parent asks, one thing at a time.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SAMPLES, sample, samplesIn } from '../../src/storage/conformance/sample.js';
import { createSqliteRecordStore } from '../../src/storage/sqlite/sqlite-record-store.js';
import type { StoreCommand } from './store-commands.js';

const path = String(process.argv[2]);
const store = createSqliteRecordStore({ path });
let holder: DatabaseSync | undefined;

const rows = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    sample(`${prefix}${String(index).padStart(5, '0')}`, { at: index }),
  );

const put = (prefix: string, count: number) => samplesIn(store, rows(prefix, count));

const perform = async (command: StoreCommand): Promise<unknown> => {
  switch (command.do) {
    case 'write':
      return put(command.prefix, command.count).flush();
    case 'count': {
      const [row] = await samplesIn(store).aggregate({ figures: { n: { function: 'count' } } });
      return row?.['n'];
    }
    case 'migrate':
      store.collection({ ...SAMPLES, migrations: [...SAMPLES.migrations, ...command.steps] });
      return undefined;
    case 'lock':
      holder = new DatabaseSync(path);
      holder.exec('BEGIN IMMEDIATE');
      return undefined;
    case 'unlock':
      holder?.close();
      return undefined;
    case 'write-and-exit':
      put(command.prefix, command.count);
      return process.exit(0);
    case 'write-change-and-exit': {
      const [changeMs, exitMs] = command.afterMs;
      const collection = put('', command.count);
      await sleep(changeMs);
      for (const { id } of rows('', command.count)) collection.update(id, { score: 2 });
      collection.put(sample('last'));
      await sleep(exitMs);
      return process.exit(0);
    }
    case 'read-write-and-end':
      await samplesIn(store).find();
      put(command.prefix, command.count);
      return process.disconnect(); // Nothing else keeps this process alive.
  }
};

process.on('message', async (command: StoreCommand) => {
  try {
    const result = await perform(command);
    if (process.connected) process.send?.({ result });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.({ result: 'ready' });
