import type { CounterLimit, LeaseOptions } from './counter-store.js';
import { badStorageRequest } from './storage-error.js';

const MAX_KEY = 512;
const MAX_LIMITS = 100;
const MAX_KEYS = 1000;

/** The largest amount, either way. */
const MAX_AMOUNT = Number.MAX_SAFE_INTEGER;

/** A time so far ahead that adding to it stays a safe integer: about 35,000 years. */
const MAX_DURATION_MS = 2 ** 50;

/** Keeps a sum within the amounts. */
export const withinAmounts = (amount: number): number => Math.max(-MAX_AMOUNT, Math.min(MAX_AMOUNT, amount));

/** @throws MillraceError `BAD_REQUEST` when it cannot be a key in every store. The message does not hold it. */
export const checkKey = (key: string, what = 'A key'): void => {
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY) {
    throw badStorageRequest(`${what} must be text of 1 to ${MAX_KEY} characters.`);
  }
  if (/\p{Surrogate}/u.test(key) || key.includes('\0')) {
    throw badStorageRequest(`${what} must be well-formed text without NUL.`);
  }
};

/** @throws MillraceError `BAD_REQUEST` when it is no whole number of at least `least`. */
export const checkAmount = (name: string, amount: number, least = 0): void => {
  if (!Number.isSafeInteger(amount) || amount < least) {
    throw badStorageRequest(
      least === 0 ? `${name} must be a safe integer of at least 0.` : `${name} must be a safe integer.`,
    );
  }
};

/** @throws MillraceError `BAD_REQUEST` when it is no time in whole milliseconds of at least 1. */
export const checkDuration = (name: string, milliseconds: number | undefined): void => {
  if (milliseconds === undefined) return;
  if (!Number.isInteger(milliseconds) || milliseconds < 1 || milliseconds > MAX_DURATION_MS) {
    throw badStorageRequest(`"${name}" must be a whole number of milliseconds of at least 1.`);
  }
};

const checkLimit = ({ key, limit, windowEnd, including = [] }: CounterLimit): void => {
  checkKey(key);
  checkAmount('A limit', limit);
  if (windowEnd !== undefined && (!Number.isSafeInteger(windowEnd) || windowEnd < 0)) {
    throw badStorageRequest('"windowEnd" must be a time in whole milliseconds since 1970.');
  }
  for (const other of including) checkKey(other);
};

/** @throws MillraceError `BAD_REQUEST` when a reservation cannot be right. */
export const checkReservation = (
  limits: readonly CounterLimit[],
  amount: number,
  { leaseId, leaseMs }: LeaseOptions,
): void => {
  if (limits.length === 0 || limits.length > MAX_LIMITS) {
    throw badStorageRequest(`A reservation needs 1 to ${MAX_LIMITS} limits.`);
  }
  for (const limit of limits) checkLimit(limit);
  const keys = new Set(limits.map(({ key }) => key));
  if (keys.size < limits.length) throw badStorageRequest('A reservation names each counter once.');
  const included = new Set(limits.flatMap(({ including = [] }) => including));
  if ([...included].some((key) => keys.has(key))) {
    throw badStorageRequest('A counter of "including" cannot be a key of the same reservation.');
  }
  if (keys.size + included.size > MAX_KEYS) {
    throw badStorageRequest(`A reservation names at most ${MAX_KEYS} counters.`);
  }
  checkAmount('The amount', amount);
  checkKey(leaseId, 'A lease id');
  checkDuration('leaseMs', leaseMs);
};

/** @throws MillraceError `BAD_REQUEST` when there are too many keys, or one cannot be right. */
export const checkKeys = (keys: readonly string[]): void => {
  if (keys.length > MAX_KEYS) throw badStorageRequest(`At most ${MAX_KEYS} counters can be read at once.`);
  for (const key of keys) checkKey(key);
};

/** @throws MillraceError `BAD_REQUEST` when it is no whole number of at least 1. */
export const positive = (name: string, value: number): number => {
  if (!Number.isInteger(value) || value < 1) {
    throw badStorageRequest(`"${name}" must be a whole number of at least 1.`);
  }
  return value;
};
