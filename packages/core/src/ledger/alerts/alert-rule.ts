import { MillraceError } from '../../model/errors/millrace-error.js';
import type { LedgerDimension, LedgerFilter, LedgerGroup } from '../ledger-filter.js';

/** What every rule has. */
export interface LedgerAlertScope {
  /** Names the rule in events; no two rules have the same. */
  readonly name: string;
  /** How far back calls are looked at, in milliseconds. */
  readonly overMs: number;
  /** The value beyond which the alert is raised. */
  readonly above: number;
  /** Only these calls. */
  readonly filter?: Omit<LedgerFilter, 'from' | 'before'> | undefined;
  /** Looks at each group on its own, such as each provider. */
  readonly by?: readonly LedgerDimension[] | undefined;
}

/** How many calls a rule needs. */
export interface LedgerAlertSample {
  /** With fewer calls in the period there is no alert. Default: 20. */
  readonly minimumCalls?: number | undefined;
}

/** When to raise an alert. */
export type LedgerAlertRule =
  /** US dollars of the period. */
  | (LedgerAlertScope & { readonly kind: 'cost' })
  /** Calls that failed, of those that did not end by cancelling: 0.2 is 20 %. */
  | (LedgerAlertScope & LedgerAlertSample & { readonly kind: 'error-rate' })
  /** Milliseconds that so many of the calls did not exceed. */
  | (LedgerAlertScope &
      LedgerAlertSample & {
        readonly kind: 'latency';
        /** Default: `p95`. */
        readonly percentile?: 'p50' | 'p90' | 'p95' | 'p99' | undefined;
        /** Whether the end of the call counts, or its first piece of output. Default: `latency`. */
        readonly measure?: 'latency' | 'timeToFirstToken' | undefined;
      });

/** What came of a rule. */
export interface LedgerAlert {
  /** Raised: the value went beyond the limit. Recovered: it is no longer. */
  readonly type: 'alert-raised' | 'alert-recovered';
  /** The name of the rule. */
  readonly rule: string;
  readonly kind: LedgerAlertRule['kind'];
  /** Empty where the rule looks at all calls together. */
  readonly group: LedgerGroup;
  /** Null where there were no calls, or too few to tell. */
  readonly value: number | null;
  readonly above: number;
  /** When it was found, in milliseconds since 1970. */
  readonly at: number;
}

const KINDS: readonly string[] = [
  'cost',
  'error-rate',
  'latency',
] satisfies readonly LedgerAlertRule['kind'][];

/** @throws MillraceError `BAD_REQUEST` when a rule cannot be followed. */
export const checkRules = (rules: readonly LedgerAlertRule[]): void => {
  const fail = (rule: LedgerAlertRule, problem: string): never => {
    throw new MillraceError('BAD_REQUEST', `The alert rule "${rule.name}" ${problem}.`);
  };
  const names = new Set<string>();
  for (const rule of rules) {
    if (names.has(rule.name)) fail(rule, 'is there twice. Give each rule a name of its own');
    names.add(rule.name);
    if (!KINDS.includes(rule.kind)) fail(rule, `needs one of the kinds ${KINDS.join(', ')}`);
    if (!(Number.isFinite(rule.overMs) && rule.overMs > 0)) {
      fail(rule, 'needs a number of milliseconds above 0 as "overMs"');
    }
    if (!Number.isFinite(rule.above)) fail(rule, 'needs a number as "above"');
  }
};
