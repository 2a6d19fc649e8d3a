import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeCounterStore } from '../conformance/describe-counter-store.js';
import { createSqliteCounterStore } from './sqlite-counter-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-counters-'));
let opened = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeCounterStore('SQLite', (now) => {
  opened += 1;
  return createSqliteCounterStore({ path: join(folder, `${opened}.db`), now });
});
