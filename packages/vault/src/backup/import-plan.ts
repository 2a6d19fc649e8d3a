import { type KeyIdentity, sameIdentity } from '../sealing/identity.js';
import type { VaultRecord } from '../store/vault-state.js';
import type { ExportedKey } from './export-file.js';

/**
 * What to do with a key that is there already: leave the one in the vault, put the imported one in its place, or keep
 * whichever was changed last.
 */
export type ImportRule = 'skip' | 'replace' | 'newer';

/** What an import would do with one key. */
export interface ImportStep extends KeyIdentity {
  readonly action: 'add' | 'replace' | 'skip';
  /** One sentence. */
  readonly reason: string;
  readonly maskedKey: string;
}

/** What an import would do. Shows no key; `applyImport` carries it out. */
export interface ImportPlan {
  readonly rule: ImportRule;
  readonly steps: readonly ImportStep[];
}

/** Decide on one key. */
export const planStep = (
  key: ExportedKey,
  maskedKey: string,
  records: readonly VaultRecord[],
  rule: ImportRule,
): ImportStep => {
  const { provider, project, environment, label } = key;
  const identity = { provider, project, environment, label };
  const there = records.find((record) => record.retiresAt === null && sameIdentity(record, identity));
  const step = (action: ImportStep['action'], reason: string): ImportStep => ({
    ...identity,
    action,
    reason,
    maskedKey,
  });
  if (there === undefined) return step('add', 'The vault has no key of that name.');
  if (rule === 'skip') return step('skip', 'The vault has a key of that name.');
  if (rule === 'replace') return step('replace', 'It takes the place of the key in the vault.');
  return key.updatedAt > there.updatedAt
    ? step('replace', 'It is newer than the key in the vault.')
    : step('skip', 'The key in the vault is newer or of the same age.');
};
