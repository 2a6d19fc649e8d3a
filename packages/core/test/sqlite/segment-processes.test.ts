import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SAMPLES, type Sample } from '../../src/storage/conformance/sample.js';
import { createMemoryRecordStore } from '../../src/storage/memory/memory-record-store.js';
import type { AggregateQuery, RecordCollection } from '../../src/storage/record-store.js';
import { createSqliteRecordStore } from '../../src/storage/sqlite/sqlite-record-store.js';
import { PACKED } from './packed-samples.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-sealing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = async (path: string, name: string): Promise<ChildProcess> => {
  const child = fork(new URL('./segment-process.ts', import.meta.url), [path, name], {
    execArgv: ['--import', new URL('../source-imports.mjs', import.meta.url).href],
  });
  await once(child, 'message');
  return child;
};

const QUERIES: readonly AggregateQuery[] = [
  {
    groupBy: ['name'],
    figures: { n: { function: 'count' }, total: { function: 'total', column: 'score' } },
  },
  {
    groupBy: [{ column: 'data', each: 'entry' }],
    where: { name: 'x' },
    figures: { total: { function: 'total', column: 'data' } },
  },
  {
    groupBy: [{ column: 'score', scale: 'logarithmic' }],
    where: { data: { includes: 'fold' } },
    figures: { n: { function: 'count' } },
  },
];

/** A memory store with the same records. */
const copyOf = async (collection: RecordCollection<Sample>): Promise<RecordCollection<Sample>> => {
  const copy = createMemoryRecordStore().collection<Sample>(SAMPLES);
  let cursor: string | undefined;
  do {
    const page = await collection.find({ limit: 1000, cursor });
    for (const row of page.rows) copy.put(row);
    cursor = page.next;
  } while (cursor !== undefined);
  return copy;
};

test('segments stay right while processes write the same file and are killed', async () => {
  const path = join(folder, 'shared.db');
  for (let round = 0; round < 3; round += 1) {
    const children = await Promise.all(['a', 'b'].map((name) => start(path, `${name}${round}`)));
    const exits = children.map((child) => once(child, 'exit'));
    for (let written = 0; written < 10; written += 1) await once(children[0] as ChildProcess, 'message');
    children[0]?.kill('SIGKILL');
    await once(children[1] as ChildProcess, 'message');
    await pause(20 * Math.random());
    children[1]?.kill('SIGKILL');
    await Promise.all(exits);

    await using store = createSqliteRecordStore({ path });
    const packed = store.collection<Sample>(PACKED);
    const plain = await copyOf(packed);
    for (const query of QUERIES) expect(await packed.aggregate(query)).toEqual(await plain.aggregate(query));
  }
  const database = new DatabaseSync(path, { readOnly: true });
  const sealed = database.prepare('SELECT COUNT(*) AS segments FROM millrace_segments_samples').get();
  expect(sealed?.['segments']).toBeGreaterThan(10);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
}, 60_000);
