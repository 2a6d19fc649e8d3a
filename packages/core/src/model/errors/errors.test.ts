import { expect, test, vi } from 'vitest';
import * as core from '../../index.js';
import {
  BudgetError,
  ConfigError,
  ERROR_CODES,
  type ErrorCode,
  MillraceError,
  ProviderError,
} from '../index.js';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

type ErrorClass = (new (...options: never[]) => Error) & { isInstance?: (value: unknown) => boolean };
const exported: [string, unknown][] = Object.entries(core);
const errorClasses = exported.filter(
  (entry): entry is [string, ErrorClass] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof Error,
);

/** One of each; a new exported error class needs a line here. */
const samples: Readonly<Record<string, () => Error>> = {
  MillraceError: () => new MillraceError('NETWORK', 'x'),
  BudgetError: () =>
    new BudgetError('x', { budget: 'b', limitUsd: 1, usedUsd: 1, reservedUsd: 0, neededUsd: 1 }),
  ProviderError: () => new ProviderError('NETWORK', 'x', { provider: 'p' }),
  ConfigError: () => new ConfigError('x', { key: 'providers' }),
};

test('every exported error class is known to these tests', () => {
  expect(errorClasses.map(([name]) => name).sort()).toEqual(Object.keys(samples).sort());
});

test.each(errorClasses)('%s is branded, so that another copy of the package knows it', async (name, own) => {
  vi.resetModules();
  const copy: Record<string, unknown> = await import('../index.js');
  const foreign = copy[name] as ErrorClass;
  const error = samples[name]!();
  expect(foreign).not.toBe(own);
  expect(error).not.toBeInstanceOf(foreign);
  expect(foreign.isInstance?.(error)).toBe(true);
  expect(MillraceError.isInstance(error)).toBe(true);
  expect(error.name).toBe(name);
});

test('isInstance tells the classes apart and refuses everything else', () => {
  const plain = new MillraceError('NETWORK', 'x');
  expect(ProviderError.isInstance(plain)).toBe(false);
  expect(ConfigError.isInstance(plain)).toBe(false);
  expect(ConfigError.isInstance(new MillraceError('INVALID_CONFIG', 'x'))).toBe(false);
  for (const other of [undefined, null, 'NETWORK', {}, new Error('x'), { code: 'NETWORK' }]) {
    expect(MillraceError.isInstance(other)).toBe(false);
  }
});

test.each(codes)('%s is retryable as its entry says, unless the error says otherwise', (code) => {
  const { retryable, httpStatus, meaning } = ERROR_CODES[code];
  expect(new MillraceError(code, 'x').retryable).toBe(retryable);
  expect(new MillraceError(code, 'x', { retryable: !retryable }).retryable).toBe(!retryable);
  expect(httpStatus).toBeGreaterThanOrEqual(400);
  expect(meaning).toMatch(/\.$/);
});

test('a provider error lists what is known of the call in its details', () => {
  const error = new ProviderError('RATE_LIMITED', 'Slow down.', {
    provider: 'openai',
    status: 429,
    retryAfterMs: 2_000,
    details: { type: 'tokens' },
  });
  expect(error.details).toEqual({ provider: 'openai', status: 429, retryAfterMs: 2_000, type: 'tokens' });
  expect(error).toMatchObject({ provider: 'openai', model: undefined, retryAfterMs: 2_000 });
});

test('an error without a cause has none', () => {
  expect('cause' in new MillraceError('NETWORK', 'x')).toBe(false);
  expect(new MillraceError('NETWORK', 'x', { cause: 'why' }).cause).toBe('why');
});
