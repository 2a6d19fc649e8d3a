import { MillraceError } from '@millrace/core/model';
import { checkChain } from '../audit/chain.js';
import { publicKeyText } from '../sealing/key-pair.js';
import { loadSodium } from '../sealing/sodium.js';
import { Secret } from '../secret/secret.js';
import type { VaultRecord } from '../store/vault-state.js';
import { currentEntry, currentPair } from './current-key.js';
import { checkPriority } from './key-input.js';
import { createKeyRing } from './key-ring.js';
import { matches } from './matches.js';
import { makeMasterKey } from './new-master-key.js';
import { createOpenedKeys } from './opened-keys.js';
import { createRetirement } from './retirement.js';
import { rotateMasterKey } from './rotate-master-key.js';
import { createTransfer, type PutKey } from './transfer.js';
import { createUseCounter } from './use-counter.js';
import type { By, Vault, VaultOptions } from './vault.js';
import { createVaultCore, factOf } from './vault-core.js';
import { createVaultCredentials } from './vault-credentials.js';
import { toEntry, type VaultEntry } from './vault-entry.js';
import { prepareRecord } from './vault-writer.js';

const DAY_MS = 86_400_000;
/** How often a key is sealed anew when other processes rotate the master key meanwhile. */
const PUT_ATTEMPTS = 5;

/**
 * Open a vault, or make one where the store is empty.
 *
 * @throws MillraceError `MASTER_KEY`, `WRONG_PASSPHRASE`, `TAMPERED`, `STORAGE`.
 */
export const createVault = async (options: VaultOptions): Promise<Vault> => {
  const { store, masterKey, audit, refreshMs = 1_000 } = options;
  const report = options.onError ?? warn;
  const sodium = await loadSodium();
  const ring = createKeyRing(sodium, [masterKey, ...(options.previousMasterKeys ?? [])]);

  let first = await store.load();
  const isNew = first.header === undefined;
  if (isNew) {
    const { pair, entry } = await makeMasterKey(sodium, masterKey);
    ring.add(pair);
    // A header that another process made at the same moment stays.
    first = await store.update((state) =>
      state.header === undefined ? { ...state, header: { format: 1, masterKeys: [entry] } } : state,
    );
  }
  if (first.header !== undefined) await ring.openAll(first.header);
  const core = createVaultCore({ sodium, ring, store, audit, refreshMs, first });
  if (isNew) await core.note({ actor: 'system', action: 'create-vault', outcome: 'success' });

  const opened = createOpenedKeys(options.opened);
  const uses = createUseCounter(
    options.useIntervalMs ?? 60_000,
    (record, count) =>
      core.note({ actor: 'gateway', action: 'use', outcome: 'success', count, ...factOf(record) }),
    report,
  );
  let closed = false;
  const assertOpen = (): void => {
    if (closed) throw new MillraceError('CLOSED', 'The vault is closed.');
  };
  const { credentials, forgive } = createVaultCredentials({
    core,
    assertOpen,
    opened,
    cooldownMs: options.cooldownMs ?? 600_000,
    countUse: audit === undefined ? () => undefined : uses.count,
    report,
  });

  const retirement = createRetirement(core, opened, report);
  retirement.watch();

  const actorOf = (by: By | undefined): string => by?.actor ?? 'system';

  /** Change one record, and remember it. */
  const alter = async (
    id: string,
    action: 'enable' | 'disable' | 'set-priority',
    by: By | undefined,
    change: Partial<VaultRecord>,
  ): Promise<VaultEntry> => {
    assertOpen();
    const record = await core.need(id);
    const apply = (one: VaultRecord): VaultRecord => ({ ...one, ...change, updatedAt: Date.now() });
    const work = async (): Promise<VaultEntry> => toEntry(await core.changeRecord(id, apply));
    return core.audited({ actor: actorOf(by), action, record }, work);
  };

  /** Seal a key and put it into the state, in place of another one where one is given. */
  const put: PutKey = async (input, replaced, place) => {
    const { make, wipe } = prepareRecord(sodium, input, replaced);
    try {
      // Another process may rotate the master key while this change waits for its turn. What the ring does not hold is
      // never sealed to: reading opens the new one, or says why not.
      for (let attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
        await core.load();
        let made: VaultRecord | undefined;
        await core.change((state) => {
          const pair = currentPair(sodium, state, ring);
          if (pair === undefined) return state;
          const record = make(pair, state);
          made = record;
          return { ...state, records: place(state, record) };
        });
        if (made !== undefined) return made;
      }
      throw new MillraceError('CONFLICT', 'Other processes go on rotating the master key; try again.', {
        retryable: true,
      });
    } finally {
      wipe();
    }
  };

  const openText = (record: VaultRecord): string => {
    const bytes = core.open(record);
    try {
      return new TextDecoder().decode(bytes);
    } finally {
      sodium.memzero(bytes);
    }
  };

  const { exportKeys, planImport, applyImport } = createTransfer({ core, put, openText });

  const vault: Vault = {
    get publicKey() {
      const { header } = core.state;
      const pair = header === undefined ? undefined : ring.get(currentEntry(header).id);
      return pair === undefined ? '' : publicKeyText(sodium, pair.publicKey);
    },
    async save(input, by) {
      assertOpen();
      const work = (): Promise<VaultRecord> =>
        put(input, undefined, (state, record) => [...state.records, record]);
      return toEntry(await core.audited({ actor: actorOf(by), action: 'save' }, work, factOf));
    },
    async list(filter = {}) {
      assertOpen();
      const { records } = await core.load();
      return records.filter((record) => matches(record, filter)).map(toEntry);
    },
    async get(id) {
      assertOpen();
      return toEntry(await core.need(id));
    },
    async verify(id, by) {
      assertOpen();
      const verifier = by?.verifier ?? options.verifier;
      if (verifier === undefined) {
        throw new MillraceError('INVALID_CONFIG', 'The vault has no `verifier`; pass `registry.verify`.');
      }
      const record = await core.need(id);
      return core.audited(
        { actor: actorOf(by), action: 'verify', record },
        async () => {
          const credential = { apiKey: openText(record), label: record.label };
          const verification = await verifier(record.provider, credential, by?.signal);
          const { status } = verification;
          if (status !== 'verified' && status !== 'invalid') return { entry: toEntry(record), verification };
          const now = Date.now();
          if (status === 'verified') forgive(id);
          const entry = toEntry(
            await core.changeRecord(id, (one) => ({ ...one, status, lastVerifiedAt: now, updatedAt: now })),
          );
          return { entry, verification };
        },
        ({ verification }) => ({ note: verification.status }),
      );
    },
    enable: (id, by) => alter(id, 'enable', by, { active: true }),
    disable: (id, by) => alter(id, 'disable', by, { active: false }),
    setPriority: async (id, priority, by) =>
      alter(id, 'set-priority', by, { priority: checkPriority(priority) }),
    async rotate(id, key, { graceMs = DAY_MS, ...by } = {}) {
      assertOpen();
      if (!Number.isFinite(graceMs) || graceMs < 0)
        throw new MillraceError('BAD_REQUEST', '`graceMs` is a number of milliseconds, 0 or more.');
      const old = await core.need(id);
      if (old.retiresAt !== null) {
        throw new MillraceError('CONFLICT', 'This key was rotated already; rotate its successor.');
      }
      const { provider, project, environment, label, priority, active } = old;
      const input = { provider, project, environment, label, priority, active, key };
      const work = (): Promise<VaultRecord> =>
        put(input, old, (state, record) => {
          const retiresAt = Math.round(Date.now() + graceMs);
          if (!state.records.some((one) => one.id === id && one.retiresAt === null))
            throw new MillraceError('CONFLICT', 'Somebody else has changed this key at the same moment.');
          const others = state.records.flatMap((one) => {
            if (one.id !== id) return [one];
            return graceMs === 0 ? [] : [{ ...one, retiresAt }];
          });
          return [...others, record];
        });
      const record = await core.audited({ actor: actorOf(by), action: 'rotate', record: old }, work);
      if (graceMs === 0) opened.drop(id);
      retirement.watch();
      return toEntry(record);
    },
    async remove(id, by) {
      assertOpen();
      const record = await core.need(id);
      await core.audited({ actor: actorOf(by), action: 'remove', record }, async () => {
        await core.change((state) => ({ ...state, records: state.records.filter((one) => one.id !== id) }));
        opened.drop(id);
      });
    },
    async reveal(id, by) {
      assertOpen();
      const record = await core.need(id);
      let secret: Secret | undefined;
      const work = async (): Promise<Secret> => {
        secret = new Secret(core.open(record));
        return secret;
      };
      try {
        return await core.audited({ actor: actorOf(by), action: 'reveal', record }, work);
      } catch (error) {
        // What cannot be remembered is not given out.
        secret?.dispose();
        throw error;
      }
    },
    credentials,
    async rotateMasterKey(to, by) {
      assertOpen();
      const work = (): Promise<number> => rotateMasterKey(core, to);
      return core.audited({ actor: actorOf(by), action: 'rotate-master-key' }, work, (count) => ({ count }));
    },
    exportKeys: async (passphrase, by) => {
      assertOpen();
      return exportKeys(passphrase, by);
    },
    planImport: async (text, passphrase, rule) => {
      assertOpen();
      return planImport(text, passphrase, rule);
    },
    applyImport: async (plan, by) => {
      assertOpen();
      return applyImport(plan, by);
    },
    auditEntries: async () => (await audit?.entries()) ?? [],
    async checkAudit() {
      if (audit === undefined) return;
      const { header } = await core.load();
      checkChain(sodium, await audit.entries(), header?.audit);
    },
    async close() {
      if (closed) return;
      closed = true;
      retirement.stop();
      opened.clear();
      try {
        await uses.flush();
      } finally {
        uses.stop();
        ring.clear();
        await store.close();
      }
    },
    [Symbol.asyncDispose]: () => vault.close(),
  };
  return vault;
};

const warn = (error: unknown): void => console.warn(error);
