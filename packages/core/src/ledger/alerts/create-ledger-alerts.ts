import { MillraceError } from '../../model/errors/millrace-error.js';
import type { Ledger } from '../ledger.js';
import type { LedgerGroup } from '../ledger-filter.js';
import { checkRules, type LedgerAlert, type LedgerAlertRule } from './alert-rule.js';
import { evaluateRule } from './evaluate-rule.js';

/** Options of {@link createLedgerAlerts}. */
export interface LedgerAlertsOptions {
  readonly ledger: Pick<Ledger, 'summarize' | 'latency'>;
  readonly rules: readonly LedgerAlertRule[];
  /** Is told when an alert is raised, once, and when it has recovered. What it throws goes to `onError`. */
  readonly onAlert: (alert: LedgerAlert) => void;
  /** Is told when the ledger cannot be asked; it is asked again at the next interval. Default: a warning on the console. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** The time between two looks at the ledger, in milliseconds. Default: 60000. */
  readonly everyMs?: number | undefined;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Ends the watching when it is aborted, as `close()` does. */
  readonly signal?: AbortSignal | undefined;
}

/** Watches a ledger. */
export interface LedgerAlerts {
  /**
   * Look now, besides the intervals; looks follow each other.
   *
   * @returns the alerts that stand.
   * @throws MillraceError `STORAGE` when the ledger cannot be asked, `CLOSED` after closing.
   */
  check(): Promise<readonly LedgerAlert[]>;
  /** No more looks; one that is under way is given up. May be called twice. */
  close(): void;
  [Symbol.dispose](): void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

const warn = (error: unknown): void => {
  const reason = error instanceof Error ? error.message : 'The ledger cannot be asked.';
  console.warn(`[millrace] The alerts of the ledger were not looked at. ${reason}`);
};

const keyOf = ({ name }: LedgerAlertRule, group: LedgerGroup): string => JSON.stringify([name, group]);

/**
 * Looks at the ledger from time to time, and tells when the calls of the last while go beyond a limit. Does not keep the
 * process alive.
 *
 * @throws MillraceError `BAD_REQUEST` when a rule or the interval is not valid.
 */
export const createLedgerAlerts = (options: LedgerAlertsOptions): LedgerAlerts => {
  const { ledger, rules, onAlert, onError = warn, everyMs = 60_000, now = Date.now } = options;
  checkRules(rules);
  if (!(everyMs >= 1 && everyMs <= LONGEST_TIMER)) {
    throw new MillraceError(
      'BAD_REQUEST',
      `"everyMs" must be a number of milliseconds from 1 to ${LONGEST_TIMER}.`,
    );
  }
  const raised = new Map<string, LedgerAlert>();
  const ending = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const report = (error: unknown): void => {
    try {
      onError(error);
    } catch {
      // The listener is the place where failures are reported; there is no other.
    }
  };

  const tell = (alert: LedgerAlert): void => {
    try {
      onAlert(alert);
    } catch (error) {
      report(error);
    }
  };

  const follow = async (rule: LedgerAlertRule, at: number): Promise<void> => {
    const values = await evaluateRule(ledger, rule, at, ending.signal);
    ending.signal.throwIfAborted();
    const { name, kind, above } = rule;
    const found = new Map(values.map((value) => [keyOf(rule, value.group), value]));
    // A group of which there are no calls any more is no longer beyond the limit.
    for (const [key, alert] of raised) {
      if (alert.rule !== name || (found.get(key)?.value ?? above) > above) continue;
      raised.delete(key);
      tell({ ...alert, type: 'alert-recovered', value: found.get(key)?.value ?? null, at });
    }
    for (const [key, { group, value }] of found) {
      if (value === null || value <= above || raised.has(key)) continue;
      const alert: LedgerAlert = { type: 'alert-raised', rule: name, kind, group, value, above, at };
      raised.set(key, alert);
      tell(alert);
    }
  };

  const look = async (): Promise<readonly LedgerAlert[]> => {
    if (ending.signal.aborted) throw new MillraceError('CLOSED', 'The alerts of the ledger were closed.');
    const at = now();
    const outcomes = await Promise.allSettled(rules.map((rule) => follow(rule, at)));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    return [...raised.values()];
  };

  const check = (): Promise<readonly LedgerAlert[]> => {
    const looking = last.then(look);
    last = looking.catch(() => undefined);
    return looking;
  };

  const schedule = (): void => {
    if (ending.signal.aborted) return;
    timer = setTimeout(() => {
      void check()
        .catch((error) => {
          if (!ending.signal.aborted) report(error);
        })
        .finally(schedule);
    }, everyMs);
    // Not every runtime has timers that can be let go of.
    if (typeof timer === 'object') timer.unref();
  };

  const close = (): void => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', close);
    ending.abort(new MillraceError('CLOSED', 'The alerts of the ledger were closed.'));
  };

  if (options.signal?.aborted === true) close();
  else options.signal?.addEventListener('abort', close, { once: true });
  schedule();
  return { check, close, [Symbol.dispose]: close };
};
