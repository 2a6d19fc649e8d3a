import type { KeyIdentity } from '../sealing/identity.js';
import type { VaultRecord } from '../store/vault-state.js';

/** A key as it may be shown. */
export interface VaultEntry extends KeyIdentity {
  readonly id: string;
  /** Such as `sk-ant-****Q9A3`. */
  readonly maskedKey: string;
  /** What the vendor said last; `unverified` when it was never asked. An `invalid` key is not handed out. */
  readonly status: 'unverified' | 'verified' | 'invalid';
  /** Whether it may be handed out. */
  readonly active: boolean;
  /** The highest goes first. */
  readonly priority: number;
  /** Milliseconds since 1970, as all times. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastVerifiedAt: number | null;
  /** Set for a key that was rotated: it is used only in place of its successor, and is gone at that time. */
  readonly retiresAt: number | null;
}

/** What of a record may be shown. */
export const toEntry = (record: VaultRecord): VaultEntry => {
  const { masterKeyId: _master, dataKey: _data, nonce: _nonce, sealedKey: _sealed, mask, ...rest } = record;
  return { ...rest, maskedKey: mask };
};
