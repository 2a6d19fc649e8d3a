import type { Credential, CredentialSource, KeyVerification } from '@millrace/core/provider';
import type { AuditEntry, AuditTrail } from '../audit/audit-trail.js';
import type { ImportPlan, ImportRule } from '../backup/import-plan.js';
import type { MasterKeySource } from '../master-key/master-key-source.js';
import type { KdfStrength } from '../sealing/derive-key.js';
import type { Secret } from '../secret/secret.js';
import type { VaultStore } from '../store/vault-store.js';
import type { KeyInput, KeyName } from './key-input.js';
import type { OpenedKeysOptions } from './opened-keys.js';
import type { CredentialScope } from './vault-credentials.js';
import type { VaultEntry } from './vault-entry.js';

/** Asks a vendor whether a key works; `registry.verify` does. Never throws for a bad key. */
export type KeyVerifier = (
  provider: string,
  credential: Credential,
  signal: AbortSignal | undefined,
) => Promise<KeyVerification>;

/** How to open a vault. */
export interface VaultOptions {
  readonly store: VaultStore;
  /** Where the master key is. A new vault gets one from here. */
  readonly masterKey: MasterKeySource;
  /** Sources of older, or of the next, master keys, while a rotation is under way or may come. */
  readonly previousMasterKeys?: readonly MasterKeySource[] | undefined;
  /** Default: nothing is remembered. */
  readonly audit?: AuditTrail | undefined;
  /** Default: `verify` needs one of its own. */
  readonly verifier?: KeyVerifier | undefined;
  /** How long and how many keys stay open in memory. */
  readonly opened?: OpenedKeysOptions | undefined;
  /** After this long the store is read again, for what other processes changed. Milliseconds. Default: 1,000. */
  readonly refreshMs?: number | undefined;
  /** How long a key rests whose account is used up, in milliseconds. Default: 600,000. */
  readonly cooldownMs?: number | undefined;
  /** Uses are remembered as one entry a key and interval. Milliseconds. Default: 60,000. */
  readonly useIntervalMs?: number | undefined;
  /** Told of failures that happen in the background. Default: a warning on the console. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Who does something, for the audit trail. */
export interface By {
  /** Default: `system`. */
  readonly actor?: string | undefined;
}

/** Which keys to list. */
export type VaultFilter = Partial<KeyName>;

/** Keeps provider keys sealed, and hands them out when a call needs one. */
export interface Vault {
  /** The public half of the master key, for `createVaultWriter`. */
  readonly publicKey: string;
  /**
   * Seal and store a key.
   *
   * @throws MillraceError `BAD_REQUEST`, `CONFLICT` when there is a key of that name, `STORAGE`.
   */
  save(input: KeyInput, by?: By): Promise<VaultEntry>;
  /** What is stored, masked. Opens nothing. */
  list(filter?: VaultFilter): Promise<readonly VaultEntry[]>;
  /** @throws MillraceError `NOT_FOUND` */
  get(id: string): Promise<VaultEntry>;
  /**
   * Ask the vendor whether a key works, and remember the answer. An answer of `unreachable` changes nothing.
   *
   * @throws MillraceError `NOT_FOUND`, `TAMPERED`, `INVALID_CONFIG` without a verifier.
   */
  verify(
    id: string,
    by?: By & { readonly signal?: AbortSignal | undefined; readonly verifier?: KeyVerifier | undefined },
  ): Promise<{ readonly entry: VaultEntry; readonly verification: KeyVerification }>;
  /** @throws MillraceError `NOT_FOUND` */
  enable(id: string, by?: By): Promise<VaultEntry>;
  /** @throws MillraceError `NOT_FOUND` */
  disable(id: string, by?: By): Promise<VaultEntry>;
  /** @throws MillraceError `NOT_FOUND`, `BAD_REQUEST` */
  setPriority(id: string, priority: number, by?: By): Promise<VaultEntry>;
  /**
   * Put a new key in the place of one. The old one stays for a grace period, for the case that the new one is refused.
   *
   * `graceMs` is in milliseconds, 24 hours unless given; with `0` the old key is gone at once.
   *
   * @returns the entry of the new key.
   * @throws MillraceError `NOT_FOUND`, `BAD_REQUEST`
   */
  rotate(
    id: string,
    key: string | Secret,
    by?: By & { readonly graceMs?: number | undefined },
  ): Promise<VaultEntry>;
  /** Take a key out for good. @throws MillraceError `NOT_FOUND` */
  remove(id: string, by?: By): Promise<void>;
  /** Open a key for a use of the host's own. Remembered in the audit trail; dispose of what it gives. */
  reveal(id: string, by?: By): Promise<Secret>;
  /** Keys at call time, for `createGateway({ credentials })`. A change is used by the next call. */
  credentials(scope?: CredentialScope): CredentialSource;
  /**
   * Seal every key to a new master key. After a crash call it again with the same source.
   *
   * @returns how many records were moved.
   */
  rotateMasterKey(to: MasterKeySource, by?: By): Promise<number>;
  /** All keys, but for those being retired, under a passphrase. The passphrase is disposed of. */
  exportKeys(
    passphrase: Secret,
    by?: By & { readonly strength?: KdfStrength | undefined; readonly filter?: VaultFilter | undefined },
  ): Promise<string>;
  /**
   * Open an export and say what importing it would do; nothing is changed. The passphrase is disposed of.
   *
   * @throws MillraceError `WRONG_PASSPHRASE`, `TAMPERED`, `STORAGE` for a newer format.
   */
  planImport(
    text: string,
    passphrase: Secret,
    options?: { readonly rule?: ImportRule | undefined },
  ): Promise<ImportPlan>;
  /**
   * Carry out a plan of this vault, decided anew on what the vault holds by now.
   *
   * @returns the steps that were taken.
   */
  applyImport(plan: ImportPlan, by?: By): Promise<ImportPlan>;
  /** The audit trail, oldest first. */
  auditEntries(): Promise<readonly AuditEntry[]>;
  /** Check the trail against its own hashes and the end that is kept with the keys. @throws MillraceError `TAMPERED` */
  checkAudit(): Promise<void>;
  /** Write what is pending and forget every opened key. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
