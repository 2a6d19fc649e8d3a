import { positive } from '../check-request.js';
import { usedLeaseError } from '../counter-operations.js';
import type { CounterState, CounterStore, LeaseOutcome } from '../counter-store.js';
import { counterStoreOf } from '../counter-store-of.js';
import { once } from '../once.js';
import { reservationOf } from '../reservation.js';
import { startStoreLife } from '../store-life.js';
import { counterFunctions, SERVER_NOW } from './counter-functions.js';
import { migratePostgres } from './migrate.js';
import { connectPostgres } from './postgres-connection.js';
import { type PostgresOptions, postgresSettings } from './postgres-options.js';

/** Options of {@link createPostgresCounterStore}. */
export interface PostgresCounterStoreOptions extends PostgresOptions {
  /** How long a lease is remembered after its end or its settlement, in milliseconds. Default: 900000, 15 minutes. */
  readonly keepMs?: number | undefined;
  /** The clock, in milliseconds since 1970, for tests. Default: that of the server, so that all processes agree. */
  readonly now?: (() => number) | undefined;
}

type StoredState = readonly [key: string, used: number, reserved: number, expiresAt: number | null];
type StoredAnswer = readonly [
  result: 'granted' | 'limit' | 'window-over' | 'used',
  now: number,
  states: readonly StoredState[],
];

const toState = ([key, used, reserved, expiresAt]: StoredState): CounterState => ({
  key,
  used,
  reserved,
  expiresAt: expiresAt ?? undefined,
});

/**
 * Keeps counters in Postgres, for processes on many machines. Needs the optional package `pg`, and a user who may
 * create a schema, or tables and functions in one that exists. Changes are as durable as the server's commits are.
 */
export const createPostgresCounterStore = (options: PostgresCounterStoreOptions): CounterStore => {
  const settings = postgresSettings(options);
  const { schema, timeoutMs } = settings;
  const keepMs = positive('keepMs', options.keepMs ?? 900_000);
  const connection = connectPostgres(settings);
  const ready = once('The Postgres store', () =>
    migratePostgres(connection, schema, counterFunctions(schema)),
  );
  const clock = (): number | null => (options.now === undefined ? null : Math.floor(options.now()));

  const call = async <Answer>(
    text: string,
    values: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<Answer> => {
    await ready(signal);
    const [row] = await connection.run(text, values, { signal });
    const [answer] = row ?? [];
    return answer as Answer;
  };

  const sweep = (limit: number, signal?: AbortSignal): Promise<number> =>
    call<number>(`SELECT "${schema}".millrace_sweep_counters(?, ?)`, [limit, clock()], signal);

  const life = startStoreLife({
    name: 'The counter store',
    sweep,
    release: connection.close,
  });
  return counterStoreOf(
    {
      async reserve(limits, amount, { leaseId, leaseMs, signal }) {
        const included = limits.flatMap(({ including = [] }, index) =>
          including.map((key) => [index + 1, key] as const),
        );
        const answer = await call<string>(
          `SELECT "${schema}".millrace_reserve(?::text[], ?::bigint[], ?::bigint[], ?::int[], ?::text[], ?, ?, ?, ?, ?, ?)`,
          [
            limits.map(({ key }) => key),
            limits.map(({ limit }) => limit),
            limits.map(({ windowEnd }) => windowEnd ?? null),
            included.map(([index]) => index),
            included.map(([, key]) => key),
            amount,
            leaseId,
            leaseMs,
            keepMs,
            clock(),
            timeoutMs,
          ],
          signal,
        );
        const [result, now, stored] = JSON.parse(answer) as StoredAnswer;
        if (result === 'used') throw usedLeaseError(leaseId);
        const states = new Map(stored.map((one) => [one[0], toState(one)]));
        return reservationOf(limits, amount, { result, states, now });
      },
      charge: (leaseId, amount, again, signal) =>
        call<LeaseOutcome>(
          `SELECT "${schema}".millrace_charge(?, ?, ?, ?, ?, ?)`,
          [leaseId, amount, again === 'replace', keepMs, clock(), timeoutMs],
          signal,
        ),
      async add(key, amount, { ttlMs, signal }) {
        const text = `SELECT "${schema}".millrace_add(?, ?, ?, ?, ?)`;
        const answer = await call<string>(text, [key, amount, ttlMs ?? null, clock(), timeoutMs], signal);
        const [state] = JSON.parse(answer) as [StoredState];
        return toState(state);
      },
      async read(keys, signal) {
        const text = `SELECT "${schema}".millrace_counter_states(?::text[], coalesce(?::bigint, ${SERVER_NOW}))`;
        const answer = await call<string>(text, [keys, clock()], signal);
        return (JSON.parse(answer) as readonly StoredState[]).map(toState);
      },
      sweep,
    },
    life,
  );
};
