import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { CacheStore } from './cache-store.js';

/** Whom a call is for. */
export interface CacheLabels {
  readonly project?: string | undefined;
  readonly user?: string | undefined;
  readonly apiKeyId?: string | undefined;
}

/** How answers are given again. */
export interface CacheOptions {
  /** Default: `memoryCache()`. */
  readonly store?: CacheStore | undefined;
  /** How long an answer may be given again, in milliseconds. Default: 60,000. */
  readonly ttlMs?: number | undefined;
  /**
   * Who shares answers: `user` (the same project, user and API key), `project`, or `shared` (everybody). A function gives the
   * name of those who share. Default: `user`, so that nobody learns from the speed of an answer what others asked.
   */
  readonly scope?: 'user' | 'project' | 'shared' | ((labels: CacheLabels) => string) | undefined;
  /** Whether calls that ask the same at the same time share one call to the vendor. Default: true. */
  readonly joinDuplicates?: boolean | undefined;
  /** Calls that ask the same this long after the first began share its answer too, in milliseconds. Default: 5,000. */
  readonly duplicateWindowMs?: number | undefined;
  /** What to do when the store fails: `open` asks the vendor, `closed` fails the call. Default: `open`. */
  readonly onStoreError?: 'open' | 'closed' | undefined;
  /** How long to wait for the store, in milliseconds. Default: 1,000. */
  readonly storeTimeoutMs?: number | undefined;
}

/** What a request wants of the cache. */
export interface RequestCache {
  /**
   * `default`: take an answer that is kept, and keep the new one. `refresh`: ask the vendor, and keep the answer.
   * `no-store`: take an answer that is kept, but keep none. `no-cache`: neither.
   */
  readonly mode?: 'default' | 'refresh' | 'no-store' | 'no-cache' | undefined;
  /** Take no answer that is older, and keep the new one no longer, in milliseconds. Default: the gateway's. */
  readonly ttlMs?: number | undefined;
}

const MODES: readonly unknown[] = [undefined, 'default', 'refresh', 'no-store', 'no-cache'];
const SCOPES: readonly unknown[] = [undefined, 'user', 'project', 'shared'];
/** What a timer can hold. */
const LONGEST_MS = 0x7fff_ffff;

/** @throws MillraceError `INVALID_CONFIG` */
export const checkCacheOptions = (options: CacheOptions): void => {
  const { scope, onStoreError } = options;
  if (typeof scope !== 'function' && !SCOPES.includes(scope))
    throw new MillraceError('INVALID_CONFIG', '`cache.scope` must be user, project, shared or a function.');
  if (onStoreError !== undefined && onStoreError !== 'open' && onStoreError !== 'closed')
    throw new MillraceError('INVALID_CONFIG', '`cache.onStoreError` must be open or closed.');
  checkMs('cache.ttlMs', options.ttlMs, 1, 'INVALID_CONFIG');
  checkMs('cache.duplicateWindowMs', options.duplicateWindowMs, 0, 'INVALID_CONFIG');
  checkMs('cache.storeTimeoutMs', options.storeTimeoutMs, 1, 'INVALID_CONFIG');
};

/** @throws MillraceError `BAD_REQUEST` */
export const checkRequestCache = (cache: RequestCache | undefined): void => {
  if (cache === undefined) return;
  if (typeof cache !== 'object' || cache === null || !MODES.includes(cache.mode))
    throw new MillraceError('BAD_REQUEST', '`cache.mode` must be default, refresh, no-store or no-cache.');
  checkMs('cache.ttlMs', cache.ttlMs, 1, 'BAD_REQUEST');
};

const checkMs = (name: string, value: unknown, minimum: number, code: ErrorCode): void => {
  if (value === undefined) return;
  if (typeof value === 'number' && value >= minimum && value <= LONGEST_MS) return;
  throw new MillraceError(
    code,
    `\`${name}\` must be a number of milliseconds from ${minimum} to ${LONGEST_MS}, not ${String(value).slice(0, 40)}.`,
  );
};

/** The name of those who share an answer. */
export const scopeOf = (scope: CacheOptions['scope'], labels: CacheLabels): string => {
  const { project, user, apiKeyId } = labels;
  if (typeof scope === 'function') return `host ${scope({ project, user, apiKeyId })}`;
  if (scope === 'shared') return 'shared';
  if (scope === 'project') return JSON.stringify([project ?? null]);
  return JSON.stringify([project ?? null, user ?? null, apiKeyId ?? null]);
};
