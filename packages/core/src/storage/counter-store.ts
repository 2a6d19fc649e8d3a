/** One limit that a reservation must keep. */
export interface CounterLimit {
  /** The counter; made when it is first named. At most 512 characters. */
  readonly key: string;
  /** What may be used and reserved in all. A safe integer of at least 0, in the smallest unit: micro-dollars, tokens. */
  readonly limit: number;
  /**
   * When the counter ends, in milliseconds since 1970. It is fixed when the counter begins; from then on the counter
   * reads 0 and begins anew with the next use. Default: never.
   */
  readonly windowEnd?: number | undefined;
  /**
   * Counters whose amounts count towards the limit too, but take no part of the new amount: a rolling day is a counter
   * for each hour that includes the ones before. None of them may be a key of the same reservation.
   */
  readonly including?: readonly string[] | undefined;
}

/** What is known of a counter. */
export interface CounterState {
  readonly key: string;
  /** What was really used. */
  readonly used: number;
  /** What live leases hold. */
  readonly reserved: number;
  /** When it ends, in milliseconds since 1970; undefined when it has no end or does not exist. */
  readonly expiresAt: number | undefined;
}

/** How a limit stands. `used` and `reserved` include the counters of `including`. */
export interface LimitState extends CounterState {
  readonly limit: number;
  /** What can still be reserved; 0 when more was used than the limit allows. */
  readonly left: number;
}

/** The answer to {@link CounterStore.reserve}. */
export type Reservation =
  | {
      readonly granted: true;
      /** How each limit stands with the new amount in it, in the order of the request. */
      readonly limits: readonly LimitState[];
      /** The clock of the store, in milliseconds since 1970. */
      readonly now: number;
    }
  | {
      readonly granted: false;
      /** `limit`: not enough is left. `window-over`: a `windowEnd` has passed by the clock of the store. */
      readonly reason: 'limit' | 'window-over';
      /** The limits that refused it, in the order of the request. */
      readonly short: readonly LimitState[];
      /** How each limit stands, in the order of the request. */
      readonly limits: readonly LimitState[];
      readonly now: number;
    };

/** Who reserves, and for how long. */
export interface LeaseOptions {
  /** A name that is used once, a UUID say. A repeated reservation with the name of a live lease changes nothing. */
  readonly leaseId: string;
  /** How long the lease holds its amount unless it is settled, in milliseconds; it returns by itself afterwards. */
  readonly leaseMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What became of a lease. `settled`: the amount was charged. `unchanged`: it had been settled or released before.
 * `unknown`: the store does not know the lease, because there was none or it is forgotten.
 */
export type LeaseOutcome = 'settled' | 'unchanged' | 'unknown';

/** Options of a plain addition. */
export interface AddOptions {
  /** How long the counter lives if it begins with this, in milliseconds. Default: for ever. */
  readonly ttlMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An operation that can be cancelled. */
export interface StoreOperationOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How much to clear away. */
export interface SweepOptions extends StoreOperationOptions {
  /** At most so many entries. Default: 1000. */
  readonly limit?: number | undefined;
}

/**
 * Atomic counters that many processes share, for budgets that must not be overspent and for rates. Drivers behave
 * alike: one suite, `describeCounterStore` of `@millrace/core/testing`, runs against each.
 *
 * Amounts are safe integers; a counter that would leave their range stays at its end. Every method rejects with a
 * `MillraceError`: `STORAGE` when the store fails, `BAD_REQUEST` for an argument that cannot be right, `CLOSED` after
 * closing.
 */
export interface CounterStore {
  /**
   * Reserve an amount on all counters or on none. It is granted when, for every limit, what is used and what live
   * leases hold and the amount are no more than the limit. May be called again with the same lease after a failure.
   *
   * @throws MillraceError `CONFLICT` when the lease's name was used by a lease that is settled or over.
   */
  reserve(limits: readonly CounterLimit[], amount: number, lease: LeaseOptions): Promise<Reservation>;
  /**
   * Replace a lease by what was really used, on all its counters: also more than was reserved, and also after the
   * lease was over. A counter that has ended meanwhile is left as it is. The first settlement counts; it may be
   * repeated.
   */
  settle(leaseId: string, amount: number, options?: StoreOperationOptions): Promise<LeaseOutcome>;
  /** Give a lease back: the same as to settle it with 0. */
  release(leaseId: string, options?: StoreOperationOptions): Promise<LeaseOutcome>;
  /** Correct what a lease was settled with, when the truth arrives late: the last correction counts. */
  adjust(leaseId: string, amount: number, options?: StoreOperationOptions): Promise<LeaseOutcome>;
  /** Add to a counter without a limit; less than 0 takes away. Must not be repeated blindly: each call counts. */
  add(key: string, amount: number, options?: AddOptions): Promise<CounterState>;
  /** How counters stand, in the order of the keys; one that does not exist reads 0. At most 1000. */
  read(keys: readonly string[], options?: StoreOperationOptions): Promise<readonly CounterState[]>;
  /**
   * Forget what has ended. Stores do so by themselves now and then; call it to free space at once.
   * Resolves with how much was forgotten.
   */
  sweep(options?: SweepOptions): Promise<number>;
  /** Let go of everything. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
