import { v7 as uuid } from 'uuid';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { ProviderError } from '../../model/errors/provider-error.js';
import type { StoreOperationOptions } from '../../storage/counter-store.js';
import type { StorageErrorListener } from '../../storage/storage-error.js';
import type { ValueStore } from '../../storage/value-store.js';
import { type FailureScope, failureScopes } from '../failure-scope.js';
import { startBackgroundSync } from '../shared/background-sync.js';
import { checkOption } from '../shared/check-option.js';
import { storeListener } from '../shared/store-listener.js';
import { afterFailure, CLOSED_CIRCUIT } from './circuit.js';
import { circuitKey, createCircuitTable, entryOf } from './circuit-table.js';
import { type CoolDownPolicy, checkPolicy } from './cool-down-policy.js';
import type { CoolDownCall, CoolDownChange, CoolDownEntry, CoolDownStanding } from './cool-down-standing.js';
import { createSharedCircuits } from './shared-circuits.js';
import { skipReason } from './skip-reason.js';
import { createTrialPermits } from './trial-permits.js';

/** How a cool-down is kept. */
export interface CoolDownOptions extends CoolDownPolicy {
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Shares it with other processes. Its owner closes it. */
  readonly store?: ValueStore | undefined;
  /** Goes before the keys in the store. Default: `cool-down:`. */
  readonly prefix?: string | undefined;
  /** How often what others found is read, in milliseconds. Default: 2000. */
  readonly syncMs?: number | undefined;
  /** When a process dies during a trial, another may begin one after this time, in milliseconds. Default: 30000. */
  readonly leaseMs?: number | undefined;
  /** Told when the store fails. Default: a warning on the console. */
  readonly onStoreError?: StorageErrorListener | undefined;
  /** Told when something begins or ceases to be skipped, here or in another process. What it throws is ignored. */
  readonly onChange?: ((change: CoolDownChange) => void) | undefined;
}

/** How to begin a call. */
export interface CoolDownBeginOptions {
  /** Call it although it should be skipped, because there is no other model, say. Its success ends the cool-down. */
  readonly force?: boolean | undefined;
}

/** Skips providers and models that fail. */
export interface CoolDown {
  /** Whether a model may be called, as far as is known: of a trial, `begin` has the last word. Reads memory only. */
  check(provider: string, model: string): CoolDownStanding;
  /**
   * Begin a call, and tell how it ends. `undefined` when it must be skipped. Reads memory only: where a trial needs the
   * permission of the store, this call is skipped too, the permission is asked for in the background, and the next
   * call may have it.
   */
  begin(provider: string, model: string, options?: CoolDownBeginOptions): CoolDownCall | undefined;
  /** Forget the failures of a model, or of a provider and all its models: a key was mended, say. */
  reset(provider: string, model?: string): void;
  /** Everything that is skipped or tried. */
  list(): readonly CoolDownEntry[];
  /**
   * Tell others what is new and learn what they found, now. It happens in the background anyway. Without a store it
   * does nothing.
   *
   * @throws MillraceError `STORAGE` when the store fails; it is tried again.
   * @throws the signal's reason when it is aborted; that ends the wait alone.
   */
  sync(options?: StoreOperationOptions): Promise<void>;
  /** Tell others what is new, and stop. Never rejects. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const READY: CoolDownStanding = { state: 'ready', callable: true };

/** A trial of this process. */
interface Trial {
  readonly call: object;
  readonly since: number;
}

/** What the end of a call says about one circuit. */
type Verdict = 'succeeded' | 'failed' | 'nothing';

/**
 * Skips what failed several times in a row, a model or, for refused keys, used-up accounts and lost connections, a
 * whole provider; then lets one call at a time try it, across all processes that share the store. A success ends it, a
 * failure makes it longer. Nothing here waits: when the store fails, each process goes by what it saw itself.
 *
 * @throws MillraceError `INVALID_CONFIG` for an option that cannot be right.
 */
export const createCoolDown = (options: CoolDownOptions = {}): CoolDown => {
  const { clock = Date.now, store, prefix = 'cool-down:', onStoreError, onChange } = options;
  const policy = checkPolicy(options);
  const leaseMs = checkOption('leaseMs', options.leaseMs ?? 30_000, { least: 30, most: 2 ** 30 });
  const syncMs = checkOption('syncMs', options.syncMs ?? 2_000, { least: 10, most: 2 ** 30 });

  const table = createCircuitTable(onChange);
  const trials = new Map<string, Trial>();
  const onError = storeListener(onStoreError, 'The cool-down');
  const shared =
    store === undefined
      ? undefined
      : createSharedCircuits({
          store,
          key: `${prefix}open`,
          table,
          clock,
          longestMs: Math.max(policy.maxMs, policy.maxRetryAfterMs),
        });
  const sync =
    shared && startBackgroundSync({ place: 'The cool-down', everyMs: syncMs, run: shared.exchange, onError });
  const permits = createTrialPermits({
    store,
    prefix: `${prefix}trial:`,
    token: uuid(),
    leaseMs: Math.ceil(leaseMs),
    maxTrialMs: policy.maxTrialMs,
    clock,
    exchange: async () => sync?.now(),
    onError,
  });

  const isTried = (key: string): boolean => {
    const trial = trials.get(key);
    return trial !== undefined && clock() - trial.since <= policy.maxTrialMs;
  };

  const standingOf = (key: string, scope: FailureScope): CoolDownStanding => {
    const open = table.isOpen(key) ? table.get(key).open : undefined;
    if (open === undefined) return READY;
    const { until, code } = open;
    const waitMs = until - clock();
    const state = waitMs > 0 ? 'cooling' : 'trial';
    const callable = waitMs <= 0 && !isTried(key) && !permits.isRefused(key);
    return { state, callable, scope, until, code, reason: skipReason(entryOf(key, open), waitMs, callable) };
  };

  const check = (provider: string, model: string): CoolDownStanding => {
    const whole = standingOf(circuitKey(provider), 'provider');
    if (!whole.callable) return whole;
    const own = standingOf(circuitKey(provider, model), 'model');
    return own.state === 'ready' ? whole : own;
  };

  const settle = (
    key: string,
    verdict: Verdict,
    failure: { readonly call: object; readonly began: number; readonly error: unknown },
  ): void => {
    const { call, began, error } = failure;
    const circuit = table.get(key);
    const trial = trials.get(key)?.call === call;
    if (trial) trials.delete(key);
    const current = !table.changedSince(key, began);
    if (current && verdict === 'succeeded') {
      if (circuit.failures > 0 || circuit.open !== undefined) table.set(key, CLOSED_CIRCUIT);
      if (circuit.open !== undefined) shared?.add({ type: 'close', key, at: clock() });
    } else if (current && verdict === 'failed' && MillraceError.isInstance(error)) {
      const retryAfterMs = ProviderError.isInstance(error) ? error.retryAfterMs : undefined;
      const after = afterFailure(circuit, { code: error.code, retryAfterMs, at: clock(), trial }, policy);
      table.set(key, after);
      if (after.open !== undefined && after.open !== circuit.open) {
        shared?.add({ type: 'open', key, circuit: after.open });
      }
    }
    if (trial) permits.giveBack(key);
    else if (table.get(key).open !== circuit.open) sync?.soon();
  };

  const begin = (provider: string, model: string, force: boolean): CoolDownCall | undefined => {
    const keys: readonly (readonly [FailureScope, string])[] = [
      ['provider', circuitKey(provider)],
      ['model', circuitKey(provider, model)],
    ];
    const standings = keys.map(([scope, key]) => ({ key, ...standingOf(key, scope) }));
    const trying = standings.filter(({ state, callable }) => state === 'trial' && callable);
    const permitted = trying.filter(({ key }) => permits.has(key));
    const isFree = permitted.length === trying.length && standings.every(({ callable }) => callable);
    if (!isFree && !force) return undefined;

    const began = table.moment();
    let ended = false;
    const end = (verdictOf: (scope: FailureScope) => Verdict, error?: unknown): void => {
      if (ended) return;
      ended = true;
      for (const [scope, key] of keys) settle(key, verdictOf(scope), { call, began, error });
    };
    const call: CoolDownCall = {
      trial: permitted.length > 0,
      succeeded: () => end(() => 'succeeded'),
      failed(error) {
        const scopes = MillraceError.isInstance(error) ? failureScopes(error.code) : [];
        end((scope) => (scopes.includes(scope) ? 'failed' : 'nothing'), error);
      },
      abandoned: () => end(() => 'nothing'),
    };
    for (const { key } of permitted) {
      trials.set(key, { call, since: clock() });
      permits.use(key);
    }
    return call;
  };

  const close = async (): Promise<void> => {
    permits.close();
    await sync?.close();
  };

  return {
    check,
    begin: (provider, model, { force = false } = {}) => begin(provider, model, force),
    reset(provider, model) {
      const key = circuitKey(provider, model);
      const isMeant = (name: string): boolean =>
        name === key || (model === undefined && name.startsWith(`${provider}\n`));
      for (const name of table.keys()) {
        if (!isMeant(name)) continue;
        if (table.get(name).open !== undefined)
          shared?.add({ type: 'close', key: name, at: Number.MAX_SAFE_INTEGER });
        table.set(name, CLOSED_CIRCUIT);
      }
      sync?.soon();
    },
    list: () => table.open().map(([key, circuit]) => entryOf(key, circuit)),
    sync: async (options) => sync?.now(options?.signal),
    close,
    [Symbol.asyncDispose]: close,
  };
};
