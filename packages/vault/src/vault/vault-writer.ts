import { MillraceError } from '@millrace/core/model';
import { v7 } from 'uuid';
import type { AuditTrail } from '../audit/audit-trail.js';
import { describeIdentity, sameIdentity } from '../sealing/identity.js';
import { type KeyPair, parsePublicKey } from '../sealing/key-pair.js';
import { sealKey } from '../sealing/seal-record.js';
import { loadSodium, type SodiumApi } from '../sealing/sodium.js';
import { maskKey } from '../secret/mask.js';
import { Secret } from '../secret/secret.js';
import type { VaultRecord, VaultState } from '../store/vault-state.js';
import type { VaultStore } from '../store/vault-store.js';
import { currentPublicKey } from './current-key.js';
import { checkPriority, type KeyInput, toIdentity, toKeyText } from './key-input.js';
import { toEntry, type VaultEntry } from './vault-entry.js';

/** What a process needs that only takes keys in. */
export interface VaultWriterOptions {
  readonly store: VaultStore;
  /** `vault.publicKey` of the vault; a store whose header names another key is refused. */
  readonly publicKey: string;
  readonly audit?: AuditTrail | undefined;
}

/** Takes keys in and can never read one. */
export interface VaultWriter {
  /**
   * Seal and store a key.
   *
   * @throws MillraceError `BAD_REQUEST`, `CONFLICT` when there is a key of that name, `MASTER_KEY`, `STORAGE`.
   */
  save(input: KeyInput, options?: { readonly actor?: string | undefined }): Promise<VaultEntry>;
}

/**
 * A vault without its master key: it holds the public half alone, which seals and does not open.
 *
 * @throws MillraceError `MASTER_KEY` when the public key is none.
 */
export const createVaultWriter = async (options: VaultWriterOptions): Promise<VaultWriter> => {
  const { store, publicKey, audit } = options;
  const sodium = await loadSodium();
  const expected = parsePublicKey(sodium, publicKey);
  return {
    async save(input, { actor = 'system' } = {}) {
      const { make, wipe } = prepareRecord(sodium, input);
      let record: VaultRecord | undefined;
      try {
        await store.update((state) => {
          const master = currentPublicKey(sodium, state);
          if (master.id !== expected.id) throw otherKey();
          record = make(master, state);
          return { ...state, records: [...state.records, record] };
        });
      } finally {
        wipe();
      }
      if (record === undefined) throw new MillraceError('STORAGE', 'The store did not run the change.');
      const fact = { actor, action: 'save', outcome: 'success' } as const;
      await audit?.append({ ...fact, keyId: record.id, key: describeIdentity(record) });
      return toEntry(record);
    },
  };
};

const otherKey = (): MillraceError =>
  new MillraceError(
    'MASTER_KEY',
    'The vault is sealed by another master key than the one whose public half was given. Take `vault.publicKey` anew if its key was rotated.',
  );

/** A record whose key is not sealed yet. */
export interface PreparedRecord {
  /** Seal it, for the master key and the state of the moment. */
  make(master: Pick<KeyPair, 'id' | 'publicKey'>, state: VaultState): VaultRecord;
  /** Overwrite the key's bytes, whether it was sealed or not. */
  wipe(): void;
}

/**
 * Check a key and prepare its record. The key is sealed when the state is known; the caller wipes it then.
 *
 * @throws MillraceError `BAD_REQUEST`
 */
export const prepareRecord = (
  sodium: SodiumApi,
  input: KeyInput,
  replaced?: Pick<VaultRecord, 'id'>,
): PreparedRecord => {
  const identity = toIdentity(input);
  const text = toKeyText(input.key);
  const priority = checkPriority(input.priority ?? 0);
  const { active = true } = input;
  const bytes = new TextEncoder().encode(text);
  const mask = maskKey(text);
  if (input.key instanceof Secret) input.key.dispose();
  const make: PreparedRecord['make'] = (master, state) => {
    const taken = state.records.some(
      (other) => other.retiresAt === null && other.id !== replaced?.id && sameIdentity(other, identity),
    );
    if (taken) {
      throw new MillraceError(
        'CONFLICT',
        `There is already a key ${describeIdentity(identity)}. Rotate it, or give this one another label.`,
      );
    }
    const id = v7();
    const now = Date.now();
    return {
      id,
      ...identity,
      ...sealKey(sodium, master, { id, identity }, bytes),
      mask,
      priority,
      active,
      status: 'unverified',
      createdAt: now,
      updatedAt: now,
      lastVerifiedAt: null,
      retiresAt: null,
    };
  };
  return { make, wipe: () => sodium.memzero(bytes) };
};
