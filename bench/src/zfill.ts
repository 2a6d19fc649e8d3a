import { rmSync } from 'node:fs';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { ledgerRows } from './ledger-rows.ts';

const n = Number(process.argv[2]);
const path = process.argv[3] ?? '';
for (const s of ['', '-wal', '-shm']) rmSync(path + s, { force: true });
const ledger = sqliteLedger({ path });
let i = 0;
for (const row of ledgerRows(n, Date.UTC(2026, 10, 20, 13, 37))) {
  ledger.record(row);
  if (++i % 1000 === 0) await new Promise((r) => setImmediate(r));
  if (i % 20000 === 0) await ledger.flush();
}
await ledger.flush();
await ledger.close();
console.log('filled', n);
