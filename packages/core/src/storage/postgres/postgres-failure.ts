import { MillraceError } from '../../model/errors/millrace-error.js';
import type { FailureKind, FailureReader } from '../failure-kind.js';
import { storageError } from '../storage-error.js';

// The code of an error of `pg` or of Node, also of one that was made one of ours.
const sqlStateOf = (error: unknown): string | undefined => {
  const code: unknown = MillraceError.isInstance(error)
    ? error.details['sqlState']
    : (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

const SQL_STATE = /^[0-9A-Z]{5}$/;

// Serialisation, deadlock, lock timeout.
const lockStates = new Set(['40001', '40P01', '55P03']);

/** Why a Postgres error happened, by SQLSTATE or by the code of Node; the longest prefix wins. */
const reasons: Readonly<Record<string, string>> = {
  '08': 'the connection failed',
  '22': 'a value cannot be stored',
  '23': 'a constraint does not hold',
  '28': 'the server refused the user or the password',
  '3D000': 'the database does not exist',
  '40': 'another transaction was in the way',
  '42501': 'the user lacks a permission',
  '53': 'the server is short of resources',
  '53100': 'the disk of the server is full',
  '53300': 'the server has too many connections',
  '54': 'a value is too large',
  '55P03': 'another process holds the lock',
  '57': 'the server stopped the statement',
  '57P01': 'the server is shutting down',
  '57P03': 'the server is starting up',
  '25006': 'the server takes no writes',
  ECONNREFUSED: 'the server cannot be reached',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ENOTFOUND: 'the host is not known',
  ETIMEDOUT: 'the server cannot be reached',
};

// Trying again helps against none of these: the request, the rights or the database have to change.
const lasting = ['22', '23', '28', '3D000', '42', '54'];

const startsWithAny = (state: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => state.startsWith(prefix));

/** Sorts an error of `pg`. */
export const postgresFailureKind = (error: unknown): FailureKind => {
  const state = sqlStateOf(error) ?? '';
  if (lockStates.has(state)) return 'locked';
  return SQL_STATE.test(state) && startsWithAny(state, ['22', '23', '54']) ? 'bad-row' : 'broken';
};

/** Why it failed, as the middle of a sentence. Holds no value of a record. */
export const postgresReason = (error: unknown): string => {
  const state = sqlStateOf(error);
  if (state !== undefined) {
    const known = reasons[state] ?? (SQL_STATE.test(state) ? reasons[state.slice(0, 2)] : undefined);
    if (known !== undefined) return known;
  }
  // One of ours says what failed in its message and why in its cause.
  const told = MillraceError.isInstance(error) ? (error.cause ?? error) : error;
  return told instanceof Error ? told.message.replace(/\.$/, '') : 'the cause is not known';
};

// Postgres puts values of records into the details of an error, and these stay out of ours.
const withoutValues = (error: unknown): Error | undefined =>
  error instanceof Error
    ? new Error(`${postgresReason(error)} (${sqlStateOf(error) ?? error.name})`)
    : undefined;

/** An error of `pg` as one of ours. */
export const postgresError = (what: string, error: unknown): MillraceError => {
  if (MillraceError.isInstance(error)) return error;
  const state = sqlStateOf(error);
  const retryable = !(state !== undefined && SQL_STATE.test(state) && startsWithAny(state, lasting));
  return storageError(`${what}: ${postgresReason(error)}.`, {
    cause: withoutValues(error),
    retryable,
    details: { sqlState: state ?? null },
  });
};

/** How the failures of `pg` read. */
export const postgresFailures: FailureReader = { kind: postgresFailureKind, reason: postgresReason };
