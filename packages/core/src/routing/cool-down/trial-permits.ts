import { releaseLock, takeLock } from '../../storage/lock.js';
import type { ValueStore } from '../../storage/value-store.js';

/** Who may try something that was skipped: one process at a time. Asking happens in the background. */
export interface TrialPermits {
  /** Whether this process may begin a trial. Asks for it in the background when not. */
  has(key: string): boolean;
  /** Whether it was refused a moment ago, because another process has begun one. */
  isRefused(key: string): boolean;
  /** The trial has begun: the permit is prolonged until it is given back, or `maxTrialMs` has passed. */
  use(key: string): void;
  /** The trial is over. What became of it is shared before others can begin one. */
  giveBack(key: string): void;
  /** Stop prolonging. */
  close(): void;
}

/** How permits are had. */
export interface TrialPermitsOptions {
  /** Without one, this process is alone. */
  readonly store: ValueStore | undefined;
  readonly prefix: string;
  /** Names this process. */
  readonly token: string;
  /** A permit of a process that died is free after this time. */
  readonly leaseMs: number;
  readonly maxTrialMs: number;
  readonly clock: () => number;
  /** Shares what is known here, and brings what is known here up to date. */
  readonly exchange: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

type Permit =
  | { readonly state: 'asking' | 'giving-back' }
  | { readonly state: 'refused' | 'held'; readonly until: number }
  | { readonly state: 'used'; readonly timer: ReturnType<typeof setInterval>; readonly since: number };

/** After a refusal, the pause before asking again is this part of the lease. */
const REFUSED = 1 / 20;

/** Where there is no store to ask, everything is permitted. */
const ALONE: TrialPermits = {
  has: () => true,
  isRefused: () => false,
  use: () => undefined,
  giveBack: () => undefined,
  close: () => undefined,
};

/** Permits from a store that processes share. When it fails, this process permits itself. */
export const createTrialPermits = (options: TrialPermitsOptions): TrialPermits => {
  const { store, prefix, token, leaseMs, maxTrialMs, clock, exchange, onError } = options;
  if (store === undefined) return ALONE;
  const permits = new Map<string, Permit>();
  const take = (key: string): Promise<boolean> =>
    takeLock(store, `${prefix}${key}`, { token, ttlMs: leaseMs });

  const ask = async (key: string): Promise<void> => {
    const asked = clock();
    permits.set(key, { state: 'asking' });
    try {
      if (!(await take(key))) {
        permits.set(key, { state: 'refused', until: clock() + leaseMs * REFUSED });
        return;
      }
      // Whoever had it before may have learned something.
      await exchange();
    } catch (error) {
      onError(error);
    }
    permits.set(key, { state: 'held', until: asked + leaseMs / 2 });
  };

  const release = async (key: string): Promise<void> => {
    permits.set(key, { state: 'giving-back' });
    try {
      await exchange();
      await releaseLock(store, `${prefix}${key}`, { token });
    } catch (error) {
      onError(error);
    }
    permits.delete(key);
  };

  const prolong = (key: string): void => {
    const permit = permits.get(key);
    if (permit?.state !== 'used') return;
    if (clock() - permit.since > maxTrialMs) {
      clearInterval(permit.timer);
      permits.delete(key);
    } else void take(key).catch(onError);
  };

  return {
    has(key) {
      const permit = permits.get(key);
      if (permit?.state === 'held' && clock() < permit.until) return true;
      const over = permit === undefined || ('until' in permit && clock() >= permit.until);
      if (over) void ask(key);
      return false;
    },
    isRefused(key) {
      const permit = permits.get(key);
      return permit?.state === 'refused' && clock() < permit.until;
    },
    use(key) {
      const timer = setInterval(prolong, leaseMs / 3, key);
      (timer as { unref?: () => void }).unref?.();
      permits.set(key, { state: 'used', timer, since: clock() });
    },
    giveBack(key) {
      const permit = permits.get(key);
      if (permit?.state !== 'used') return;
      clearInterval(permit.timer);
      void release(key);
    },
    close() {
      for (const permit of permits.values()) if (permit.state === 'used') clearInterval(permit.timer);
    },
  };
};
