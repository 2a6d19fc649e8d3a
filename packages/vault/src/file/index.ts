// Files: for Node.
export { type FileAuditTrailOptions, fileAuditTrail } from './file-audit-trail.js';
export { type FileLockOptions, fileLock } from './file-lock.js';
export { type FileMasterKeyOptions, fileMasterKey } from './file-master-key.js';
export { type FileVaultStoreOptions, fileVaultStore, restoreVaultBackup } from './file-vault-store.js';
