import type { VaultRecord } from '../store/vault-state.js';
import type { VaultFilter } from './vault.js';

/** Whether a record is among those that are asked for. */
export const matches = (record: VaultRecord, filter: VaultFilter): boolean =>
  (['provider', 'project', 'environment', 'label'] as const).every(
    (name) => filter[name] === undefined || filter[name] === record[name],
  );
