import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CounterTables } from '../counter-operations.js';
import type { VersionedTables } from './migrate.js';
import { createStatements } from './statements.js';

/** The tables of counters and leases. Times are milliseconds since 1970. */
export const COUNTER_TABLES: VersionedTables = {
  name: 'millrace_counters',
  steps: [
    [
      'CREATE TABLE millrace_counters (key TEXT PRIMARY KEY NOT NULL, used INTEGER NOT NULL, expires_at INTEGER) WITHOUT ROWID',
      'CREATE INDEX millrace_counters_end ON millrace_counters (expires_at) WHERE expires_at IS NOT NULL',
      // One row for each counter that a lease holds. "expires_at" is the end of the counter.
      'CREATE TABLE millrace_leases (lease_id TEXT NOT NULL, key TEXT NOT NULL, amount INTEGER NOT NULL, ends_at INTEGER NOT NULL, expires_at INTEGER, charged INTEGER, forget_at INTEGER NOT NULL, PRIMARY KEY (lease_id, key)) WITHOUT ROWID',
      'CREATE INDEX millrace_leases_open ON millrace_leases (key, ends_at, expires_at, amount) WHERE charged IS NULL',
      'CREATE INDEX millrace_leases_forget ON millrace_leases (forget_at)',
    ],
  ],
};

const PUT =
  'INSERT INTO millrace_counters (key, used, expires_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET used = excluded.used, expires_at = excluded.expires_at';
const RESERVED =
  'SELECT TOTAL(amount) AS sum FROM millrace_leases WHERE key = ? AND charged IS NULL AND ends_at > ? AND (expires_at IS NULL OR expires_at > ?)';
const LEASE = 'SELECT key, amount, ends_at, expires_at, charged FROM millrace_leases WHERE lease_id = ?';
const ADD =
  'INSERT INTO millrace_leases (lease_id, key, amount, ends_at, expires_at, charged, forget_at) VALUES (?, ?, ?, ?, ?, NULL, ?)';
const CHARGE = 'UPDATE millrace_leases SET charged = ?, forget_at = ? WHERE lease_id = ?';
const SWEEP_COUNTERS =
  'DELETE FROM millrace_counters WHERE key IN (SELECT key FROM millrace_counters WHERE expires_at IS NOT NULL AND expires_at <= ? LIMIT ?)';
const SWEEP_LEASES =
  'DELETE FROM millrace_leases WHERE (lease_id, key) IN (SELECT lease_id, key FROM millrace_leases WHERE forget_at <= ? LIMIT ?)';

const orNone = (value: unknown): number | undefined => (value === null ? undefined : Number(value));

/** The tables on a connection. Opens no transaction. */
export const createCounterTables = (): ((database: DatabaseSync) => CounterTables) => {
  const statementOf = createStatements();
  return (database) => {
    const prepared = (text: string): StatementSync => statementOf(database, text);
    return {
      counter(key) {
        const row = prepared('SELECT used, expires_at FROM millrace_counters WHERE key = ?').get(key);
        if (row === undefined) return undefined;
        return { used: Number(row['used']), expiresAt: orNone(row['expires_at']) };
      },
      putCounter(key, { used, expiresAt }) {
        prepared(PUT).run(key, used, expiresAt ?? null);
      },
      reserved: (key, now) => Number(prepared(RESERVED).get(key, now, now)?.['sum']),
      lease(leaseId) {
        const rows = prepared(LEASE).all(leaseId);
        const [first] = rows;
        if (first === undefined) return undefined;
        return {
          amount: Number(first['amount']),
          endsAt: Number(first['ends_at']),
          charged: orNone(first['charged']),
          entries: rows.map((row) => ({ key: String(row['key']), expiresAt: orNone(row['expires_at']) })),
        };
      },
      addLease(leaseId, { amount, endsAt, entries }, forgetAt) {
        for (const { key, expiresAt } of entries) {
          prepared(ADD).run(leaseId, key, amount, endsAt, expiresAt ?? null, forgetAt);
        }
      },
      chargeLease(leaseId, charged, forgetAt) {
        prepared(CHARGE).run(charged, forgetAt, leaseId);
      },
      sweep(now, limit) {
        const counters = Number(prepared(SWEEP_COUNTERS).run(now, limit).changes);
        if (counters >= limit) return counters;
        return counters + Number(prepared(SWEEP_LEASES).run(now, limit - counters).changes);
      },
    };
  };
};
