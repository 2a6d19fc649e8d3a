import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeLedgerStatistics } from '../../test/ledger-statistics.js';
import { memoryLedger } from './memory-ledger.js';
import { sqliteLedger } from './sqlite/sqlite-ledger.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-statistics-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeLedgerStatistics('in memory', () => memoryLedger());
describeLedgerStatistics('in SQLite', () => {
  files += 1;
  return sqliteLedger({ path: join(folder, `${files}.db`) });
});
