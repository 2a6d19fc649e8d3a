import { MillraceError } from '@millrace/core/model';
import type { AuditAction, AuditFact, AuditTrail } from '../audit/audit-trail.js';
import { describeIdentity } from '../sealing/identity.js';
import { openKey } from '../sealing/seal-record.js';
import type { SodiumApi } from '../sealing/sodium.js';
import type { VaultRecord, VaultState } from '../store/vault-state.js';
import type { VaultStore } from '../store/vault-store.js';
import type { KeyRing } from './key-ring.js';

/** What the parts of a vault share: the newest known state, and the ways to change it and to open its keys. */
export interface VaultCore {
  readonly sodium: SodiumApi;
  readonly ring: KeyRing;
  /** The state as it was read last. */
  readonly state: VaultState;
  /** Whether the state is young enough to be used without a look at the store. */
  readonly isFresh: boolean;
  /** The newest state. */
  load(): Promise<VaultState>;
  /** Change and store the state. */
  change(change: (state: VaultState) => VaultState): Promise<VaultState>;
  /** Change one record. @throws MillraceError `NOT_FOUND` */
  changeRecord(id: string, change: (record: VaultRecord) => VaultRecord): Promise<VaultRecord>;
  /** The record of an id, of the newest state. @throws MillraceError `NOT_FOUND` */
  need(id: string): Promise<VaultRecord>;
  /** Open a key; the caller zeroes the bytes. @throws MillraceError `TAMPERED`, `MASTER_KEY` */
  open(record: VaultRecord): Uint8Array;
  /** Remember what was done, and do it: a failure is remembered too. */
  audited<Result>(
    fact: { readonly actor: string; readonly action: AuditAction; readonly record?: VaultRecord | undefined },
    work: () => Promise<Result>,
    describe?: (result: Result) => Partial<AuditFact>,
  ): Promise<Result>;
  /** Remember a fact that stands for itself. */
  note(fact: AuditFact): Promise<void>;
}

/** How to make it. */
export interface VaultCoreOptions {
  readonly sodium: SodiumApi;
  readonly ring: KeyRing;
  readonly store: VaultStore;
  readonly audit: AuditTrail | undefined;
  readonly refreshMs: number;
  readonly first: VaultState;
}

/** The words for a record in the trail. */
export const factOf = (record: VaultRecord): Pick<AuditFact, 'keyId' | 'key'> => ({
  keyId: record.id,
  key: describeIdentity(record),
});

/** The part of a vault that all others build on. */
export const createVaultCore = ({
  sodium,
  ring,
  store,
  audit,
  refreshMs,
  first,
}: VaultCoreOptions): VaultCore => {
  let state = first;
  let loadedAt = performance.now();
  let loading: Promise<VaultState> | undefined;
  /** How often this process changed the state: a read that began before a change must not undo it. */
  let changes = 0;

  const take = (fresh: VaultState): VaultState => {
    state = fresh;
    loadedAt = performance.now();
    return fresh;
  };
  const read = async (): Promise<VaultState> => {
    try {
      const before = changes;
      const fresh = await store.load();
      // Another process may have rotated the master key.
      if (fresh.header !== undefined) await ring.openAll(fresh.header);
      return changes === before ? take(fresh) : state;
    } finally {
      loading = undefined;
    }
  };
  const load = (): Promise<VaultState> => {
    loading ??= read();
    return loading;
  };
  const change = async (apply: (state: VaultState) => VaultState): Promise<VaultState> => {
    const fresh = await store.update(apply);
    changes += 1;
    return take(fresh);
  };

  const find = (records: readonly VaultRecord[], id: string): VaultRecord => {
    const record = records.find((one) => one.id === id);
    if (record !== undefined) return record;
    throw new MillraceError('NOT_FOUND', `The vault has no key with the id "${id.slice(0, 60)}".`);
  };

  const note = async (fact: AuditFact): Promise<void> => {
    if (audit === undefined) return;
    const { seq, hash } = await audit.append(fact);
    // The end of the trail is kept with the keys, so that entries cut off it show.
    await change((now) =>
      now.header === undefined || (now.header.audit?.count ?? 0) >= seq
        ? now
        : { ...now, header: { ...now.header, audit: { count: seq, hash } } },
    );
  };

  return {
    sodium,
    ring,
    get state() {
      return state;
    },
    get isFresh() {
      return performance.now() - loadedAt < refreshMs;
    },
    load,
    change,
    async changeRecord(id, apply) {
      const after = await change((now) => {
        const record = find(now.records, id);
        return { ...now, records: now.records.map((one) => (one === record ? apply(record) : one)) };
      });
      return find(after.records, id);
    },
    need: async (id) => find((await load()).records, id),
    open(record) {
      const master = ring.get(record.masterKeyId);
      if (master !== undefined) {
        const { id } = record;
        return openKey(sodium, master, { id, identity: record }, record);
      }
      throw new MillraceError(
        'MASTER_KEY',
        `The key ${describeIdentity(record)} is sealed to a master key that this process was not given. Give the old one as \`previousMasterKeys\`.`,
        { details: { masterKeyId: record.masterKeyId } },
      );
    },
    async audited({ actor, action, record }, work, describe) {
      const fact = { actor, action, ...(record !== undefined && factOf(record)) };
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work();
      } catch (error) {
        const code = MillraceError.isInstance(error) ? error.code : 'unknown';
        // The failure itself is what the caller must hear of.
        await note({ ...fact, outcome: 'failure', note: code }).catch(() => undefined);
        throw error;
      }
      await note({ ...fact, outcome: 'success', ...describe?.(result) });
      return result;
    },
    note,
  };
};
