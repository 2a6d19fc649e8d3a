import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeValueStore } from '../conformance/describe-value-store.js';
import { createSqliteValueStore } from './sqlite-value-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-values-'));
let opened = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeValueStore('SQLite', () => {
  opened += 1;
  let time = Date.now();
  return {
    store: createSqliteValueStore({ path: join(folder, `${opened}.db`), now: () => time }),
    advance(milliseconds) {
      time += milliseconds;
    },
  };
});
