import type { Warning } from '@millrace/core/model';
import type { BatchStatus } from '@millrace/core/provider';

/** What could not be passed on as it was, by request of a batch. */
export const batchWarnings = (
  written: readonly { readonly id: string; readonly warnings: readonly Warning[] }[],
): Pick<BatchStatus, 'warnings'> => {
  const lossy = written.filter(({ warnings }) => warnings.length > 0);
  return lossy.length === 0
    ? {}
    : { warnings: Object.fromEntries(lossy.map(({ id, warnings }) => [id, warnings])) };
};
