import { expect, test } from 'vitest';
import type { ErrorCode } from '../../model/errors/error-code.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import { ProviderError } from '../../model/errors/provider-error.js';
import { createMemoryValueStore } from '../../storage/memory/memory-value-store.js';
import type { ValueStore } from '../../storage/value-store.js';
import { type CoolDown, type CoolDownOptions, createCoolDown } from './cool-down.js';
import type { CoolDownChange } from './cool-down-standing.js';

const failure = (code: ErrorCode, retryAfterMs?: number) =>
  new ProviderError(code, 'x', { provider: 'openai', retryAfterMs });

const SERVER_ERROR = failure('SERVER_ERROR');

const start = (options: CoolDownOptions = {}) => {
  const clock = { now: 1_000_000 };
  const coolDown = createCoolDown({ clock: () => clock.now, baseMs: 1_000, maxMs: 8_000, ...options });
  return { clock, coolDown };
};

const fail = (coolDown: CoolDown, times: number, error: unknown = SERVER_ERROR, model = 'gpt-4o') => {
  for (let count = 0; count < times; count++) coolDown.begin('openai', model)?.failed(error);
};

test('a model is skipped after three failures in a row, and says why', () => {
  const { coolDown, clock } = start();
  fail(coolDown, 2);
  expect(coolDown.check('openai', 'gpt-4o')).toEqual({ state: 'ready', callable: true });
  fail(coolDown, 1);
  expect(coolDown.check('openai', 'gpt-4o')).toEqual({
    state: 'cooling',
    callable: false,
    scope: 'model',
    until: clock.now + 1_000,
    code: 'SERVER_ERROR',
    reason: 'openai:gpt-4o: skipped for another 1 s after failing (SERVER_ERROR)',
  });
  expect(coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  expect(coolDown.check('openai', 'gpt-4o-mini').state).toBe('ready');
});

test('a success in between begins the count anew', () => {
  const { coolDown } = start();
  fail(coolDown, 2);
  coolDown.begin('openai', 'gpt-4o')?.succeeded();
  fail(coolDown, 2);
  expect(coolDown.check('openai', 'gpt-4o').state).toBe('ready');
});

test.each(['AUTHENTICATION', 'QUOTA_EXCEEDED', 'NETWORK'] as const)(
  '%s concerns every model of the provider',
  (code) => {
    const { coolDown } = start();
    fail(coolDown, 2, failure(code));
    fail(coolDown, 1, failure(code), 'gpt-4o-mini');
    expect(coolDown.check('openai', 'o3')).toMatchObject({ callable: false, scope: 'provider', code });
    expect(coolDown.check('anthropic', 'o3').state).toBe('ready');
  },
);

test.each([
  failure('BAD_REQUEST'),
  failure('CONTEXT_LENGTH'),
  failure('CONTENT_FILTER'),
  new MillraceError('CANCELLED', 'x'),
  new MillraceError('BUSY', 'x'),
  new MillraceError('STORAGE', 'x'),
  new Error('not ours'),
  null,
])('%s says nothing about the provider', (error) => {
  const { coolDown } = start();
  fail(coolDown, 2);
  fail(coolDown, 5, error);
  expect(coolDown.check('openai', 'gpt-4o').state).toBe('ready');
  fail(coolDown, 1);
  expect(coolDown.check('openai', 'gpt-4o').state).toBe('cooling');
});

test('when its time is over, one call tries it, and the others skip it meanwhile', () => {
  const { coolDown, clock } = start();
  fail(coolDown, 3);
  clock.now += 999;
  expect(coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  clock.now += 1;
  expect(coolDown.check('openai', 'gpt-4o')).toMatchObject({ state: 'trial', callable: true });
  const trial = coolDown.begin('openai', 'gpt-4o');
  expect(trial?.trial).toBe(true);
  expect(coolDown.check('openai', 'gpt-4o')).toMatchObject({ state: 'trial', callable: false });
  expect(coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  trial?.succeeded();
  expect(coolDown.check('openai', 'gpt-4o').state).toBe('ready');
});

test('each trial that fails doubles the time, up to the longest', () => {
  const { coolDown, clock } = start();
  fail(coolDown, 3);
  const times: number[] = [];
  for (let level = 1; level <= 6; level++) {
    const [entry] = coolDown.list();
    times.push((entry?.until ?? 0) - clock.now);
    expect(entry?.level).toBe(level);
    clock.now = entry?.until ?? 0;
    fail(coolDown, 1);
  }
  expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
});

test('after a success the times begin anew', () => {
  const { coolDown, clock } = start();
  fail(coolDown, 3);
  clock.now += 1_000;
  fail(coolDown, 1);
  clock.now += 2_000;
  coolDown.begin('openai', 'gpt-4o')?.succeeded();
  fail(coolDown, 3);
  expect(coolDown.list()).toMatchObject([{ level: 1, until: clock.now + 1_000 }]);
});

test('a trial that says nothing lets the next call try', () => {
  const { coolDown, clock } = start();
  fail(coolDown, 3);
  clock.now += 1_000;
  coolDown.begin('openai', 'gpt-4o')?.abandoned();
  coolDown.begin('openai', 'gpt-4o')?.failed(failure('BAD_REQUEST'));
  expect(coolDown.begin('openai', 'gpt-4o')?.trial).toBe(true);
});

test('a trial that never ends is given up', () => {
  const { coolDown, clock } = start({ maxTrialMs: 5_000 });
  fail(coolDown, 3);
  clock.now += 1_000;
  const lost = coolDown.begin('openai', 'gpt-4o');
  clock.now += 5_001;
  const next = coolDown.begin('openai', 'gpt-4o');
  expect(next?.trial).toBe(true);
  lost?.failed(SERVER_ERROR);
  expect(coolDown.list()).toMatchObject([{ level: 1 }]);
  next?.succeeded();
  expect(coolDown.list()).toEqual([]);
});

test.each([
  [500, 1_000],
  [5_000, 5_000],
  [10 * 3_600_000, 60_000],
  [Number.NaN, 1_000],
])('a vendor that asks for %i ms is left alone for %i ms', (retryAfterMs, expected) => {
  const { coolDown, clock } = start({ maxRetryAfterMs: 60_000 });
  fail(coolDown, 3, failure('RATE_LIMITED', retryAfterMs));
  expect(coolDown.list()).toMatchObject([{ until: clock.now + expected }]);
});

test('calls that began before a change say nothing about what comes after it', () => {
  const { coolDown, clock } = start();
  const calls = Array.from({ length: 9 }, () => coolDown.begin('openai', 'gpt-4o'));
  for (const call of calls.splice(0, 3)) call?.failed(SERVER_ERROR);
  calls.pop()?.failed(SERVER_ERROR);
  calls.pop()?.succeeded();
  expect(coolDown.list()).toMatchObject([{ level: 1, until: clock.now + 1_000 }]);
  clock.now += 1_000;
  coolDown.begin('openai', 'gpt-4o')?.succeeded();
  for (const call of calls) call?.failed(SERVER_ERROR);
  expect(coolDown.list()).toEqual([]);
});

test('a forced call goes through, and its success ends the cool-down', () => {
  const { coolDown } = start();
  fail(coolDown, 3);
  coolDown.begin('openai', 'gpt-4o', { force: true })?.failed(SERVER_ERROR);
  expect(coolDown.list()).toMatchObject([{ level: 1 }]);
  coolDown.begin('openai', 'gpt-4o', { force: true })?.succeeded();
  expect(coolDown.list()).toEqual([]);
});

test('only the first outcome of a call counts', () => {
  const { coolDown } = start();
  const call = coolDown.begin('openai', 'gpt-4o');
  for (let count = 0; count < 5; count++) call?.failed(SERVER_ERROR);
  expect(coolDown.list()).toEqual([]);
});

test('a reset of a provider forgets its models too, and no others', () => {
  const { coolDown } = start();
  fail(coolDown, 3);
  fail(coolDown, 3, failure('AUTHENTICATION'), 'o3');
  for (let count = 0; count < 3; count++) coolDown.begin('openai2', 'x')?.failed(SERVER_ERROR);
  coolDown.reset('openai');
  expect(coolDown.list()).toMatchObject([{ provider: 'openai2', model: 'x' }]);
});

test('changes are told, and a listener that throws does no harm', () => {
  const changes: CoolDownChange[] = [];
  const { coolDown, clock } = start({
    onChange(change) {
      changes.push(change);
      throw new Error('mine');
    },
  });
  fail(coolDown, 3);
  clock.now += 1_000;
  coolDown.begin('openai', 'gpt-4o')?.succeeded();
  expect(changes).toEqual([
    {
      type: 'cool-down-start',
      provider: 'openai',
      model: 'gpt-4o',
      level: 1,
      until: 1_001_000,
      code: 'SERVER_ERROR',
    },
    { type: 'cool-down-end', provider: 'openai', model: 'gpt-4o' },
  ]);
});

const nextTurns = () => new Promise((resolve) => setTimeout(resolve, 20));

test('others learn what one found, and what it found later', async () => {
  const store = createMemoryValueStore();
  const one = start({ store, syncMs: 3_600_000 });
  const other = start({ store, syncMs: 3_600_000 });
  await Promise.all([one.coolDown.sync(), other.coolDown.sync()]);
  fail(one.coolDown, 3);
  await one.coolDown.sync();
  await other.coolDown.sync();
  expect(other.coolDown.check('openai', 'gpt-4o')).toMatchObject({ state: 'cooling' });
  for (const { clock } of [one, other]) clock.now += 1_000;
  for (const { coolDown } of [one, other]) {
    expect(coolDown.check('openai', 'gpt-4o')).toMatchObject({ state: 'trial', callable: true });
  }
  expect(other.coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  await nextTurns();
  const trial = other.coolDown.begin('openai', 'gpt-4o');
  expect(trial?.trial).toBe(true);
  expect(one.coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  await nextTurns();
  expect(one.coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  expect(one.coolDown.check('openai', 'gpt-4o')).toMatchObject({ state: 'trial', callable: false });
  trial?.succeeded();
  await nextTurns();
  await one.coolDown.sync();
  expect(one.coolDown.check('openai', 'gpt-4o').state).toBe('ready');
  await Promise.all([one.coolDown.close(), other.coolDown.close()]);
});

test('who only looks keeps nobody from trying', async () => {
  const store = createMemoryValueStore();
  const one = start({ store, syncMs: 3_600_000 });
  const other = start({ store, syncMs: 3_600_000 });
  fail(one.coolDown, 3);
  await one.coolDown.sync();
  await other.coolDown.sync();
  for (const { clock } of [one, other]) clock.now += 1_000;
  one.coolDown.check('openai', 'gpt-4o');
  await nextTurns();
  other.coolDown.begin('openai', 'gpt-4o');
  await nextTurns();
  expect(other.coolDown.begin('openai', 'gpt-4o')?.trial).toBe(true);
  await Promise.all([one.coolDown.close(), other.coolDown.close()]);
});

test('a reset reaches the others', async () => {
  const store = createMemoryValueStore();
  const one = start({ store, syncMs: 3_600_000 });
  const other = start({ store, syncMs: 3_600_000 });
  fail(one.coolDown, 3);
  await one.coolDown.sync();
  await other.coolDown.sync();
  other.coolDown.reset('openai');
  await other.coolDown.sync();
  await one.coolDown.sync();
  expect(one.coolDown.list()).toEqual([]);
  await Promise.all([one.coolDown.close(), other.coolDown.close()]);
});

test('when the store fails, each goes by what it saw itself', async () => {
  const working = createMemoryValueStore();
  const down = () => Promise.reject(new Error('down'));
  const store: ValueStore = { ...working, get: down, set: down, compareAndSet: down };
  const errors: MillraceError[] = [];
  const { coolDown, clock } = start({ store, onStoreError: (error) => errors.push(error) });
  fail(coolDown, 3);
  await nextTurns();
  expect(coolDown.check('openai', 'gpt-4o').state).toBe('cooling');
  clock.now += 1_000;
  expect(coolDown.begin('openai', 'gpt-4o')).toBeUndefined();
  await nextTurns();
  const trial = coolDown.begin('openai', 'gpt-4o');
  expect(trial?.trial).toBe(true);
  trial?.succeeded();
  expect(coolDown.check('openai', 'gpt-4o').state).toBe('ready');
  expect(errors.every(({ code }) => code === 'STORAGE')).toBe(true);
  expect(errors.length).toBeGreaterThan(0);
  await coolDown.close();
});

test.each([{ failures: 0 }, { baseMs: 0 }, { baseMs: 10, maxMs: 5 }, { leaseMs: 1 }, { syncMs: Number.NaN }])(
  'options %j are refused',
  (options) => {
    expect(() => createCoolDown(options)).toThrow(/must be a number/);
  },
);
