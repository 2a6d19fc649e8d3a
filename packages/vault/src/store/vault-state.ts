import type { JsonObject } from '@millrace/core/model';
import { z } from 'zod';
import type { AuditHead } from '../audit/audit-trail.js';
import type { KeyIdentity } from '../sealing/identity.js';
import type { SealedKey } from '../sealing/seal-record.js';

/** A master key as the header knows it. */
export interface MasterKeyEntry {
  /** The fingerprint of the public half. */
  readonly id: string;
  readonly publicKey: string;
  /** The name of the source that keeps it. */
  readonly source: string;
  /** What the source needs to find it again; no secret. */
  readonly note?: JsonObject | undefined;
  readonly createdAt: number;
  readonly state: 'current' | 'retiring';
}

/** What a vault keeps beside its records, in the open. */
export interface VaultHeader {
  readonly format: 1;
  /** One; two while the master key is being rotated. */
  readonly masterKeys: readonly MasterKeyEntry[];
  /** The end of the audit trail. */
  readonly audit?: AuditHead | undefined;
}

/** One key as it is stored. Everything but `dataKey` and `sealedKey` is in the open. */
export interface VaultRecord extends KeyIdentity, SealedKey {
  readonly id: string;
  readonly mask: string;
  readonly priority: number;
  readonly active: boolean;
  readonly status: 'unverified' | 'verified' | 'invalid';
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastVerifiedAt: number | null;
  readonly retiresAt: number | null;
}

const headerSchema: z.ZodType<VaultHeader> = z.object({
  format: z.literal(1),
  masterKeys: z
    .array(
      z.object({
        id: z.string(),
        publicKey: z.string(),
        source: z.string(),
        note: z.record(z.string(), z.json()).optional(),
        createdAt: z.int().nonnegative(),
        state: z.enum(['current', 'retiring']),
      }),
    )
    .min(1),
  audit: z.object({ count: z.int().nonnegative(), hash: z.string() }).optional(),
});

const recordSchema: z.ZodType<VaultRecord> = z.object({
  id: z.string().min(1),
  provider: z.string().min(1).max(200),
  project: z.string().max(200),
  environment: z.string().max(200),
  label: z.string().min(1).max(200),
  masterKeyId: z.string(),
  dataKey: z.string(),
  nonce: z.string(),
  sealedKey: z.string(),
  mask: z.string(),
  priority: z.number(),
  active: z.boolean(),
  status: z.enum(['unverified', 'verified', 'invalid']),
  createdAt: z.int().nonnegative(),
  updatedAt: z.int().nonnegative(),
  lastVerifiedAt: z.int().nonnegative().nullable(),
  retiresAt: z.int().nonnegative().nullable(),
});

/** Everything that a vault stores. */
export interface VaultState {
  /** Absent before the vault was opened for the first time. */
  readonly header: VaultHeader | undefined;
  readonly records: readonly VaultRecord[];
}

/** A vault that was never used. */
export const EMPTY_STATE: VaultState = { header: undefined, records: [] };

/** Where a stored value is not what it should be; `undefined` when it is all right. */
const wrongPlace = (result: z.ZodSafeParseResult<unknown>): string | undefined =>
  result.success ? undefined : (result.error.issues[0]?.path.join('.') ?? 'root');

/** A header as it was stored, or where it is wrong. */
export const parseHeader = (value: unknown): VaultHeader | { readonly wrong: string } => {
  const result = headerSchema.safeParse(value);
  return result.success ? result.data : { wrong: `header.${wrongPlace(result)}` };
};

/** A record as it was stored, or where it is wrong. */
export const parseRecord = (value: unknown): VaultRecord | { readonly wrong: string } => {
  const result = recordSchema.safeParse(value);
  return result.success ? result.data : { wrong: `record.${wrongPlace(result)}` };
};
