// The vault.

// The audit trail.
export type { AuditAction, AuditEntry, AuditFact, AuditHead, AuditTrail } from './audit/audit-trail.js';
export { memoryAuditTrail } from './audit/memory-audit-trail.js';
// Export and import.
export type { ImportPlan, ImportRule, ImportStep } from './backup/import-plan.js';
// Where the master key is.
export {
  type EnvironmentMasterKeyOptions,
  environmentMasterKey,
} from './master-key/environment-master-key.js';
export { type KeyService, kmsMasterKey } from './master-key/kms-master-key.js';
export type { MasterKeyNote, MasterKeySource } from './master-key/master-key-source.js';
export { type PassphraseMasterKeyOptions, passphraseMasterKey } from './master-key/passphrase-master-key.js';
export { generateMasterKey } from './master-key/seed-text.js';
export type { KdfStrength } from './sealing/derive-key.js';
export type { KeyIdentity } from './sealing/identity.js';
// Secrets.
export { maskKey } from './secret/mask.js';
export { Secret } from './secret/secret.js';
// Where the keys are.
export { memoryVaultStore } from './store/memory-vault-store.js';
export { type RecordVaultStoreOptions, recordVaultStore } from './store/record-vault-store.js';
export type { MasterKeyEntry, VaultHeader, VaultRecord, VaultState } from './store/vault-state.js';
export type { VaultStore } from './store/vault-store.js';
export type { WriteLock } from './store/write-lock.js';
export { createVault } from './vault/create-vault.js';
export type { KeyInput, KeyName } from './vault/key-input.js';
export type { OpenedKeysOptions } from './vault/opened-keys.js';
export type { By, KeyVerifier, Vault, VaultFilter, VaultOptions } from './vault/vault.js';
export type { CredentialScope } from './vault/vault-credentials.js';
export type { VaultEntry } from './vault/vault-entry.js';
// Taking keys in without being able to read them.
export { createVaultWriter, type VaultWriter, type VaultWriterOptions } from './vault/vault-writer.js';
