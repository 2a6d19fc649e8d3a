import { expect } from 'vitest';
import type { Gateway } from '../src/gateway/index.js';
import type { LedgerRecord } from '../src/ledger/index.js';

/** All records of a gateway's ledger, oldest first. */
export const recordsOf = async ({ ledger }: Gateway): Promise<readonly LedgerRecord[]> => {
  await ledger.flush();
  return (await ledger.list({ order: 'oldest' })).rows;
};

/** The record of the only call; fails when there is none, or more than one. */
export const recordOf = async (gateway: Gateway): Promise<LedgerRecord> => {
  const [record, ...others] = await recordsOf(gateway);
  if (record === undefined) throw new Error('The ledger has no record.');
  expect(others).toEqual([]);
  return record;
};
