import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  createVault,
  environmentMasterKey,
  type KeyVerifier,
  type MasterKeySource,
  type Vault,
} from '@millrace/vault';
import { fileAuditTrail, fileMasterKey, fileVaultStore } from '@millrace/vault/file';
import { keychainMasterKey } from '@millrace/vault/keychain';

/** Where the vault is: beside the ledger, unless `MILLRACE_VAULT` says otherwise. */
export const vaultPath = (environment: NodeJS.ProcessEnv): string =>
  environment['MILLRACE_VAULT'] ?? '.millrace/vault.json';

/** The master key: from `MILLRACE_MASTER_KEY`, the keychain, or a file in the user's own folder. */
const masterKeyOf = (environment: NodeJS.ProcessEnv): MasterKeySource => {
  if (environment['MILLRACE_MASTER_KEY']) return environmentMasterKey({ environment });
  if (environment['MILLRACE_KEYCHAIN']) return keychainMasterKey();
  const home = environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? homedir(), '.config');
  return fileMasterKey({
    path: environment['MILLRACE_MASTER_KEY_FILE'] ?? join(home, 'millrace', 'master.key'),
  });
};

/** Open the vault of this folder; it is made when it is not there. */
export const openVault = (environment: NodeJS.ProcessEnv, verifier?: KeyVerifier): Promise<Vault> => {
  const path = vaultPath(environment);
  return createVault({
    store: fileVaultStore({ path }),
    masterKey: masterKeyOf(environment),
    audit: fileAuditTrail({ path: path.replace(/(?:\.json)?$/, '-audit.jsonl') }),
    verifier,
  });
};
