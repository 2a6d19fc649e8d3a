import type { VaultRecord } from '../store/vault-state.js';

/** For whom a key is asked. */
export interface KeyScope {
  readonly provider: string;
  /** Empty: no project in particular. */
  readonly project: string;
  readonly environment: string;
}

/** How well a record fits; `undefined` when it is for somebody else. */
const fit = (record: VaultRecord, scope: KeyScope): number | undefined => {
  if (record.provider !== scope.provider) return undefined;
  if (record.project !== '' && record.project !== scope.project) return undefined;
  if (record.environment !== '' && record.environment !== scope.environment) return undefined;
  return (record.project !== '' ? 2 : 0) + (record.environment !== '' ? 1 : 0);
};

/**
 * The records for a scope, best first: the project's own before the environment's before those for everybody, then
 * current keys before those that are being retired, then by priority, then the oldest.
 */
export const recordsFor = (
  records: readonly VaultRecord[],
  scope: KeyScope,
  now: number,
): readonly VaultRecord[] =>
  records
    .flatMap((record) => {
      const grade = fit(record, scope);
      const gone = record.retiresAt !== null && record.retiresAt <= now;
      return grade === undefined || gone ? [] : [{ record, grade }];
    })
    .sort(
      (a, b) =>
        b.grade - a.grade ||
        Number(a.record.retiresAt !== null) - Number(b.record.retiresAt !== null) ||
        b.record.priority - a.record.priority ||
        a.record.createdAt - b.record.createdAt ||
        (a.record.id < b.record.id ? -1 : 1),
    )
    .map(({ record }) => record);
