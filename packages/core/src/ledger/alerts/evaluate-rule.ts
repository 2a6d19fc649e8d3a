import type { Ledger } from '../ledger.js';
import type { LedgerGroup } from '../ledger-filter.js';
import type { LedgerAlertRule } from './alert-rule.js';

/** The value of a group; null where there are too few calls. */
export interface RuleValue {
  readonly group: LedgerGroup;
  readonly value: number | null;
}

const MINIMUM_CALLS = 20;

/** Asks the ledger what a rule wants to know. */
export const evaluateRule = async (
  ledger: Pick<Ledger, 'summarize' | 'latency'>,
  rule: LedgerAlertRule,
  now: number,
  signal: AbortSignal,
): Promise<readonly RuleValue[]> => {
  const query = { ...rule.filter, from: now - rule.overMs, by: rule.by, signal };
  switch (rule.kind) {
    case 'cost': {
      const rows = await ledger.summarize(query);
      return rows.map(({ group, costUsd }) => ({ group, value: costUsd }));
    }
    case 'error-rate': {
      const { minimumCalls = MINIMUM_CALLS } = rule;
      const rows = await ledger.summarize(query);
      return rows.map(({ group, successes, failures }) => {
        const calls = successes + failures;
        return { group, value: calls === 0 || calls < minimumCalls ? null : failures / calls };
      });
    }
    case 'latency': {
      const { minimumCalls = MINIMUM_CALLS, percentile = 'p95', measure = 'latency' } = rule;
      const rows = await ledger.latency(query);
      return rows.map(({ group, [measure]: measured }) => ({
        group,
        value: measured === null || measured.calls < minimumCalls ? null : measured[percentile],
      }));
    }
  }
};
