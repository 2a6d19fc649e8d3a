import type { VaultState } from './vault-state.js';

/**
 * Where a vault keeps its header and records. A vault is small: it is read and changed as a whole. Drivers behave
 * alike; one suite runs against each.
 */
export interface VaultStore {
  /** For messages, such as the file's path. */
  readonly name: string;
  /**
   * Read everything.
   *
   * @throws MillraceError `TAMPERED` for what is damaged, `STORAGE` for what cannot be read.
   */
  load(): Promise<VaultState>;
  /**
   * Change the newest state and keep the result. It is stored when the promise resolves, and not at all when it
   * rejects. Changes of one store follow each other.
   *
   * @param change - Gets the newest state and gives the one to keep. Runs once.
   * @throws MillraceError `CONFLICT` when another writer does not let go, `STORAGE`, `TAMPERED`, or what `change` throws.
   */
  update(change: (state: VaultState) => VaultState): Promise<VaultState>;
  /** Let go of everything. May be called twice. */
  close(): Promise<void>;
}
