import {
  type AuditTrail,
  createVault,
  environmentMasterKey,
  generateMasterKey,
  type KdfStrength,
  type MasterKeySource,
  memoryAuditTrail,
  memoryVaultStore,
  type Vault,
  type VaultOptions,
  type VaultStore,
} from '../src/index.js';

/** The cheapest derivation that there is: tests prove the protocol, not its cost. */
export const WEAK: KdfStrength = { passes: 1, memory: 8192 };

/** A source with a key of its own. */
export const newMasterKey = async (variable = 'MASTER'): Promise<MasterKeySource> =>
  environmentMasterKey({ variable, environment: { [variable]: await generateMasterKey() } });

/** A vault in memory, and what it was made of. */
export const openVault = async (
  options: Partial<VaultOptions> = {},
): Promise<{ vault: Vault; store: VaultStore; audit: AuditTrail; masterKey: MasterKeySource }> => {
  const store = options.store ?? memoryVaultStore();
  const audit = options.audit ?? memoryAuditTrail();
  const masterKey = options.masterKey ?? (await newMasterKey());
  const vault = await createVault({ refreshMs: 0, ...options, store, audit, masterKey });
  return { vault, store, audit, masterKey };
};
