import { describe, expect, test } from 'vitest';
import {
  all,
  first,
  MODELS,
  provider,
  QUESTION,
  REFACTORING,
  request,
  routerOf,
} from '../../test/routers.js';
import { failureOf } from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { Provider } from '../provider/provider.js';
import { checkRoutingPolicy, type RoutingPolicy } from './routing-policy.js';

describe('single-model', () => {
  const locked: RoutingPolicy = { mode: 'single-model', activeProvider: 'b' };
  const withKeys = { credential: { required: true, environmentVariable: 'THE_KEY' } };
  const three = (): Provider[] => ['a', 'b', 'c'].map((id) => provider(id, MODELS, withKeys));

  test('asks of no other provider even whether it has a key', async () => {
    const { decide, asked } = routerOf({ policy: locked, providers: three(), keys: ['a', 'b', 'c'] });
    const decision = await decide(request(REFACTORING));
    expect(all(decision)).toEqual(['b:large', 'b:medium', 'b:small']);
    expect(decision).toMatchObject({ mode: 'single-model', activeProvider: 'b' });
    expect(decision.rejected.map(({ provider: id, kind }) => [id, kind])).toEqual([
      ['a', 'lock'],
      ['c', 'lock'],
    ]);
    expect(asked).toEqual(['b']);
  });

  test('refuses the models of others, by whatever name, and no request gets out of it', async () => {
    const { decide } = routerOf({ policy: locked });
    expect(await failureOf(() => decide(request('Hi', 'a:small')))).toMatchObject({
      code: 'PROVIDER_LOCKED',
    });
    expect(first(await decide(request('Hi', 'small')))).toBe('b:small');
    expect(first(await decide(request('Hi'), { routing: { mode: 'heuristic' } }))).toBe('b:small');
    const other = routerOf({ policy: locked, providers: [provider('a', [{ id: 'only-a' }]), provider('b')] });
    expect(await failureOf(() => other.decide(request('Hi', 'only-a')))).toMatchObject({
      code: 'PROVIDER_LOCKED',
    });
  });

  test('may be held to one model', async () => {
    const { decide } = routerOf({ policy: { ...locked, activeModel: 'medium' } });
    expect(all(await decide(request(REFACTORING)))).toEqual(['b:medium']);
    expect(all(await decide(request(QUESTION, 'b:small')))).toEqual(['b:small']);
  });

  test('lets others stand in only where that is allowed, and marks them', async () => {
    const policy: RoutingPolicy = { ...locked, allowFailover: true, maxAttempts: 20 };
    const { candidates } = await routerOf({ policy }).decide(request(QUESTION));
    expect(candidates.map(({ provider: id, failover }) => [id, failover])).toEqual([
      ['b', undefined],
      ['b', undefined],
      ['b', undefined],
      ['a', true],
      ['a', true],
      ['a', true],
    ]);
    expect(candidates[3]?.reason).toContain('stands in for b');
  });

  test.each([
    ['without its key', { keys: ['a'] }, 'MISSING_KEY', 'THE_KEY'],
    [
      'that is not there',
      { policy: { mode: 'single-model', activeProvider: 'x' } },
      'UNKNOWN_PROVIDER',
      '"x"',
    ],
  ] as const)('of a provider %s fails in a friendly way', async (_why, changes, code, text) => {
    const { decide } = routerOf({ policy: locked, providers: three(), ...changes });
    expect(await failureOf(() => decide(request('Hi')))).toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test('of a provider that is switched off says so', async () => {
    const { decide, registry } = routerOf({ policy: locked });
    registry.disable('b');
    expect(await failureOf(() => decide(request('Hi')))).toMatchObject({ code: 'PROVIDER_DISABLED' });
  });
});

describe('what stands in for a named model', () => {
  const fallbacks = { 'a:large': ['b:large', 'tier:standard'], '*': ['b:small'] };

  test('follows it, each once', async () => {
    const { decide } = routerOf({ policy: { fallbacks } });
    const { candidates } = await decide(request('Hi', 'a:large'));
    expect(candidates.map((one) => `${one.provider}:${one.model}`).slice(0, 4)).toEqual([
      'a:large',
      'b:large',
      'a:medium',
      'b:medium',
    ]);
    expect(candidates.map(({ failover }) => failover).slice(0, 3)).toEqual([undefined, true, true]);
    expect(all(await decide(request('Hi', 'a:small')))).toEqual(['a:small', 'b:small']);
    expect(all(await decide(request('Hi', 'b:small')))).toEqual(['b:small']);
  });

  test('is not called where the request says so, nor in single-model mode', async () => {
    const { decide } = routerOf({ policy: { fallbacks } });
    expect(all(await decide(request('Hi', 'a:large'), { routing: { fallback: false } }))).toEqual([
      'a:large',
    ]);
    const policy: RoutingPolicy = { mode: 'single-model', activeProvider: 'a', fallbacks };
    expect(all(await routerOf({ policy }).decide(request('Hi', 'a:small')))).toEqual(['a:small']);
  });

  test('is nothing where the host names none, and no more than may be tried', async () => {
    expect(all(await routerOf().decide(request('Hi', 'a:large')))).toEqual(['a:large']);
    expect(all(await routerOf({ policy: { maxAttempts: 2 } }).decide(request('Hi')))).toHaveLength(2);
  });
});

test.each<[string, object]>([
  ['mode', { mode: 'clever' }],
  ['threshold', { threshold: 80 }],
  ['maxAttempts', { maxAttempts: 0 }],
  ['fallbacks', { fallbacks: { a: 'b' } }],
  ['downgrade', { downgrade: 1 }],
  ['activeProvider', { mode: 'single-model' }],
  ['activeModel', { mode: 'single-model', activeProvider: 'a', activeModel: '' }],
  ['allowFailover', { mode: 'single-model', activeProvider: 'a', allowFailover: 'yes' }],
  ['roles', { mode: 'orchestrated', roles: { a: 1 } }],
  ['categories', { mode: 'orchestrated', categories: { cooking: 'a' } }],
])('a policy that is wrong in %s is refused: %j', (name, policy) => {
  const check = (): void => checkRoutingPolicy(policy as RoutingPolicy);
  expect(check).toThrow(MillraceError);
  expect(check).toThrow(name);
});
