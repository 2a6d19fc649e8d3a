import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeRecordStore } from '../conformance/describe-record-store.js';
import { createSqliteRecordStore } from './sqlite-record-store.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'));
let opened = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeRecordStore('SQLite', () => {
  opened += 1;
  return createSqliteRecordStore({ path: join(folder, `${opened}.db`) });
});
