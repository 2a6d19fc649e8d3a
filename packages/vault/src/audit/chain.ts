import { MillraceError } from '@millrace/core/model';
import type { SodiumApi } from '../sealing/sodium.js';
import type { AuditEntry, AuditFact, AuditHead } from './audit-trail.js';

const HASH_BYTES = 32;

/** The entry that follows another one. */
export const nextEntry = (
  sodium: SodiumApi,
  last: AuditHead | undefined,
  fact: AuditFact,
  time: number,
): AuditEntry => {
  const { actor, action, outcome, keyId, key, count, note } = fact;
  const entry = {
    seq: (last?.count ?? 0) + 1,
    time,
    actor,
    action,
    outcome,
    ...(keyId !== undefined && { keyId }),
    ...(key !== undefined && { key }),
    ...(count !== undefined && { count }),
    ...(note !== undefined && { note }),
    previous: last?.hash ?? '',
  };
  return { ...entry, hash: hashOf(sodium, entry) };
};

/** The fields in one fixed order, so that the same entry always has the same hash. */
const hashOf = (sodium: SodiumApi, entry: Omit<AuditEntry, 'hash'>): string => {
  const { seq, time, actor, action, outcome, keyId, key, count, note, previous } = entry;
  const text = JSON.stringify([
    'millrace-audit',
    1,
    seq,
    time,
    actor,
    action,
    outcome,
    keyId ?? null,
    key ?? null,
    count ?? null,
    note ?? null,
    previous,
  ]);
  return sodium.to_hex(sodium.crypto_generichash(HASH_BYTES, text, null));
};

/** The end of a list of entries. */
export const headOf = (entry: AuditEntry | undefined): AuditHead | undefined =>
  entry === undefined ? undefined : { count: entry.seq, hash: entry.hash };

/**
 * Check that nothing was changed, removed, added or moved.
 *
 * @param head - The end that was kept elsewhere: entries cut off the end show only by it.
 * @throws MillraceError `TAMPERED` that names the first entry which is not right.
 */
export const checkChain = (
  sodium: SodiumApi,
  entries: readonly AuditEntry[],
  head: AuditHead | undefined,
): void => {
  let previous = '';
  for (const [index, entry] of entries.entries()) {
    const seq = index + 1;
    if (entry.seq !== seq) throw broken(seq, `entry ${seq} is missing or out of order`);
    if (entry.previous !== previous) throw broken(seq, `entry ${seq} does not follow the one before`);
    if (entry.hash !== hashOf(sodium, entry)) throw broken(seq, `entry ${seq} was changed`);
    previous = entry.hash;
  }
  if (head === undefined || head.count === 0) return;
  const kept = entries[head.count - 1];
  if (kept === undefined)
    throw broken(entries.length + 1, `entries ${entries.length + 1} to ${head.count} are missing at the end`);
  if (kept.hash !== head.hash)
    throw broken(head.count, `entry ${head.count} is not the one that was written`);
};

const broken = (seq: number, why: string): MillraceError =>
  new MillraceError('TAMPERED', `The audit trail was changed: ${why}.`, { details: { seq } });
