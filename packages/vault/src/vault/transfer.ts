import { MillraceError } from '@millrace/core/model';
import { type ExportedKey, readExport, writeExport } from '../backup/export-file.js';
import { type ImportPlan, type ImportRule, planStep } from '../backup/import-plan.js';
import { sameIdentity } from '../sealing/identity.js';
import { disposing } from '../secret/disposing.js';
import { maskKey } from '../secret/mask.js';
import type { VaultRecord, VaultState } from '../store/vault-state.js';
import { type KeyInput, toIdentity } from './key-input.js';
import { matches } from './matches.js';
import type { Vault } from './vault.js';
import type { VaultCore } from './vault-core.js';

/** Seals a key and puts it into the state, in place of another one where one is given. */
export type PutKey = (
  input: KeyInput,
  replaced: VaultRecord | undefined,
  place: (state: VaultState, record: VaultRecord) => readonly VaultRecord[],
) => Promise<VaultRecord>;

/** What taking keys out and in needs of the vault. */
export interface TransferOptions {
  readonly core: VaultCore;
  readonly put: PutKey;
  readonly openText: (record: VaultRecord) => string;
}

/** Export and import of one vault. */
export const createTransfer = ({
  core,
  put,
  openText,
}: TransferOptions): Pick<Vault, 'exportKeys' | 'planImport' | 'applyImport'> => {
  const { sodium } = core;
  /** The keys behind plans; a plan itself shows none. */
  const planned = new WeakMap<ImportPlan, readonly ExportedKey[]>();

  const planFor = (keys: readonly ExportedKey[], rule: ImportRule, state: VaultState): ImportPlan => {
    const steps = keys.map((key) => planStep(key, maskKey(key.key), state.records, rule));
    const plan: ImportPlan = { rule, steps };
    planned.set(plan, keys);
    return plan;
  };

  const importKey = async (key: ExportedKey): Promise<void> => {
    const identity = toIdentity(key);
    const there = core.state.records.find((one) => one.retiresAt === null && sameIdentity(one, identity));
    await put(key, there, (state, record) => [
      ...state.records.filter((one) => one.id !== there?.id),
      { ...record, status: key.status, lastVerifiedAt: key.lastVerifiedAt },
    ]);
  };

  return {
    exportKeys: (passphrase, { strength, filter = {}, actor = 'system' } = {}) =>
      disposing(passphrase, async (secret) => {
        const { records } = await core.load();
        const chosen = records.filter((record) => record.retiresAt === null && matches(record, filter));
        const work = async (): Promise<string> => {
          const keys = chosen.map((record) => exported(record, openText(record)));
          return writeExport(sodium, keys, secret, strength);
        };
        return core.audited({ actor, action: 'export' }, work, () => ({ count: chosen.length }));
      }),
    planImport: (text, passphrase, { rule = 'skip' } = {}) =>
      disposing(passphrase, async (secret) => {
        const keys = await readExport(sodium, text, secret);
        return planFor(keys, rule, await core.load());
      }),
    async applyImport(plan, { actor = 'system' } = {}) {
      const keys = planned.get(plan);
      if (keys === undefined)
        throw new MillraceError('BAD_REQUEST', '`applyImport` takes what `planImport` of this vault gave.');
      const work = async (): Promise<ImportPlan> => {
        const now = planFor(keys, plan.rule, await core.load());
        for (const [index, step] of now.steps.entries()) {
          const key = keys[index];
          if (step.action !== 'skip' && key !== undefined) await importKey(key);
        }
        return now;
      };
      return core.audited({ actor, action: 'import' }, work, ({ steps }) => ({
        count: steps.filter(({ action }) => action !== 'skip').length,
      }));
    },
  };
};

const exported = (
  { provider, project, environment, label, priority, active, status, updatedAt, lastVerifiedAt }: VaultRecord,
  key: string,
): ExportedKey => ({
  provider,
  project,
  environment,
  label,
  key,
  priority,
  active,
  status,
  updatedAt,
  lastVerifiedAt,
});
