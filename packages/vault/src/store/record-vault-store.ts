import { MillraceError } from '@millrace/core/model';
import type { CollectionDefinition, RecordCollection, RecordStore } from '@millrace/core/storage';
import { createTurns } from './in-turn.js';
import { parseHeader, parseRecord, type VaultRecord, type VaultState } from './vault-state.js';
import type { VaultStore } from './vault-store.js';
import type { WriteLock } from './write-lock.js';

/** How to keep a vault in a record store. */
export interface RecordVaultStoreOptions {
  /**
   * Needed where more than one process changes the vault, since a record store has no transactions: `fileLock` on one
   * machine, a lock of the database on many. Without it, a key that is saved while another process rotates the master
   * key can be lost, and two keys of one name be stored. Reading needs none. Default: none.
   */
  readonly lock?: WriteLock | undefined;
}

/** How keys are stored in a table. Steps are never edited after a release. */
const KEYS: CollectionDefinition = {
  name: 'vault_keys',
  primaryKey: 'id',
  migrations: [
    {
      addColumns: {
        id: 'text',
        project: 'text',
        environment: 'text',
        provider: 'text',
        label: 'text',
        masterKeyId: 'text',
        dataKey: 'text',
        nonce: 'text',
        sealedKey: 'text',
        mask: 'text',
        priority: 'real',
        active: 'boolean',
        status: 'text',
        createdAt: 'integer',
        updatedAt: 'integer',
        lastVerifiedAt: 'integer',
        retiresAt: 'integer',
      },
      addIndexes: [['provider', 'project']],
    },
  ],
};

const HEADER: CollectionDefinition = {
  name: 'vault_header',
  primaryKey: 'id',
  migrations: [{ addColumns: { id: 'text', header: 'json' } }],
};

interface HeaderRow {
  readonly id: string;
  readonly header: unknown;
}

const HEADER_ID = 'vault';
const PAGE = 1_000;
const NO_LOCK: WriteLock = { hold: (task) => task() };

/**
 * Keeps a vault in the tables `vault_keys` and `vault_header` of a record store, such as an SQLite file. Only rows
 * that a change touches are written.
 *
 * @param store - Stays the caller's to close.
 */
export const recordVaultStore = (
  store: RecordStore,
  { lock = NO_LOCK }: RecordVaultStoreOptions = {},
): VaultStore => {
  const keys = store.collection<VaultRecord>(KEYS);
  const headers = store.collection<HeaderRow>(HEADER);
  const inTurn = createTurns();

  const load = async (): Promise<VaultState> => {
    const stored = await headers.get(HEADER_ID);
    const header = stored === undefined ? undefined : parseHeader(stored.header);
    if (header !== undefined && 'wrong' in header) throw damaged(header.wrong);
    const records = (await allRows(keys)).map((row) => {
      const record = parseRecord(row);
      if ('wrong' in record) throw damaged(record.wrong);
      return record;
    });
    return { header, records };
  };

  return {
    name: 'the tables vault_keys and vault_header',
    load: () => inTurn(load),
    update: (change) =>
      inTurn(() =>
        lock.hold(async () => {
          const before = await load();
          const after = change(before);
          if (after === before) return before;
          const kept = new Map(before.records.map((record) => [record.id, record]));
          for (const record of after.records) {
            if (!same(kept.get(record.id), record)) keys.put(record);
            kept.delete(record.id);
          }
          for (const id of kept.keys()) keys.remove(id);
          if (after.header !== undefined && !same(before.header, after.header))
            headers.put({ id: HEADER_ID, header: after.header });
          await keys.flush();
          await headers.flush();
          return after;
        }),
      ),
    close: async () => undefined,
  };
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const allRows = async (keys: RecordCollection<VaultRecord>): Promise<readonly VaultRecord[]> => {
  const rows: VaultRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await keys.find({ order: 'oldest', limit: PAGE, cursor });
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
};

const damaged = (where: string): MillraceError =>
  new MillraceError(
    'TAMPERED',
    `The vault's table is damaged at ${where}. Restore it from a backup, or remove the row.`,
    {
      details: { where },
    },
  );
