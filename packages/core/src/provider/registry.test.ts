import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { failureOf, play, scriptedProvider, textAnswer } from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { CredentialSource } from './credential-source.js';
import { environmentCredentials } from './environment-credentials.js';
import type { Provider } from './provider.js';
import { createRegistry } from './registry.js';

const provider = (id: string, changes: Partial<Provider> = {}): Provider =>
  scriptedProvider(play(textAnswer('hi')), { id, label: id, ...changes });
const needsKey = { required: true, environmentVariable: 'THE_KEY' };
const keyed = (apiKey: string): CredentialSource => ({ get: () => ({ apiKey }) });
const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

afterEach(() => void vi.useRealTimers());

describe('the providers of a registry', () => {
  test('go by priority, and equal ones in the order in which they were registered', () => {
    const registry = createRegistry({
      providers: [provider('a'), { provider: provider('b'), priority: 5 }, provider('c')],
    });
    expect(ids(registry.enabled())).toEqual(['b', 'a', 'c']);
    registry.setPriority('c', 9);
    expect(registry.list().map(({ provider: { id }, priority }) => [id, priority])).toEqual([
      ['c', 9],
      ['b', 5],
      ['a', 0],
    ]);
  });

  test('can be switched off and on again; their models go and come with them', () => {
    const registry = createRegistry({ providers: [provider('a'), provider('b')] });
    registry.disable('a');
    expect(ids(registry.enabled())).toEqual(['b']);
    expect(registry.get('a')?.enabled).toBe(false);
    expect(registry.models().map((model) => model.provider)).toEqual(['b', 'b']);
    expect(registry.modelsNamed('one').map((model) => model.provider)).toEqual(['b']);
    expect(registry.findModel('a', 'one')?.id).toBe('one');
    registry.enable('a');
    expect(registry.modelsNamed('one').map((model) => model.provider)).toEqual(['a', 'b']);
  });

  test('can be registered and taken out', () => {
    const registry = createRegistry();
    registry.register(provider('late', { models: [{ id: 'new' }] }), { priority: 2 });
    expect(registry.modelsNamed('new')).toHaveLength(1);
    expect(registry.unregister('late')).toBe(true);
    expect(registry.unregister('late')).toBe(false);
    expect(registry.models()).toEqual([]);
    expect(registry.get('late')).toBeUndefined();
  });

  test.each(['', 'Upper', '-a', 'a:b', 'a b', 'x'.repeat(65)])('refuses the id %j', (id) => {
    expect(() => createRegistry({ providers: [provider(id)] })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
  });

  test('refuses a second provider of the same id', () => {
    expect(() => createRegistry({ providers: [provider('a'), provider('a')] })).toThrow(
      /already a provider "a"/,
    );
  });

  test('refuses a priority that is not a number, and keeps the old one', () => {
    const registry = createRegistry({ providers: [{ provider: provider('a'), priority: 3 }] });
    expect(() => registry.setPriority('a', Number.NaN)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
    expect(registry.get('a')?.priority).toBe(3);
    expect(() => registry.register(provider('b'), { priority: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
    expect(registry.get('b')).toBeUndefined();
  });

  test('names the registered ones when an id is unknown', async () => {
    const registry = createRegistry({ providers: [provider('openai')] });
    expect(() => registry.enable('opnai')).toThrow(/no provider "opnai".*openai/);
    expect(await failureOf(() => registry.verify('opnai'))).toMatchObject({ code: 'UNKNOWN_PROVIDER' });
  });
});

describe('the models of a registry', () => {
  const models = [
    { id: 'dear', price: { input: 10, output: 10 } },
    { id: 'unpriced' },
    {
      id: 'cheap',
      aliases: ['cheap-2026-01-01'],
      price: { input: 1, output: 1 },
      capabilities: { tools: true },
    },
  ];

  test('come cheapest first, unknown prices last', () => {
    const registry = createRegistry({ providers: [provider('a', { models })] });
    expect(ids(registry.modelsByCost())).toEqual(['cheap', 'dear', 'unpriced']);
  });

  test('are found by an alias of their own', () => {
    const registry = createRegistry({ providers: [provider('a', { models })] });
    expect(registry.findModel('a', 'cheap-2026-01-01')?.id).toBe('cheap');
    expect(registry.modelsNamed('cheap-2026-01-01')).toHaveLength(1);
    expect(registry.findModel('other', 'cheap')).toBeUndefined();
  });

  test('take what the host knows better, and those that only the host knows', () => {
    const registry = createRegistry({
      providers: [provider('a', { models })],
      catalogue: {
        models: {
          'a:cheap': { price: { input: 3, output: 3 }, capabilities: { vision: false } },
          'a:own': { tier: 'premium' },
          'b:elsewhere': { tier: 'premium' },
        },
      },
    });
    expect(registry.findModel('a', 'cheap')).toMatchObject({
      price: { input: 3, output: 3 },
      capabilities: { tools: true, vision: false },
      aliases: ['cheap-2026-01-01'],
    });
    expect(registry.findModel('a', 'own')).toMatchObject({ tier: 'premium', provider: 'a' });
    expect(registry.models()).toHaveLength(4);
  });

  test("an id beats another model's alias of the same text", () => {
    const both = [{ id: 'new', aliases: ['old'] }, { id: 'old' }];
    for (const listed of [both, both.toReversed()]) {
      const registry = createRegistry({ providers: [provider('a', { models: listed })] });
      expect(registry.findModel('a', 'old')?.id).toBe('old');
      expect(ids(registry.modelsNamed('old'))).toEqual(['old']);
    }
  });

  test("put the host's aliases before the built-in ones", () => {
    const registry = createRegistry({ catalogue: { aliases: { 'gpt-4': 'a:own', mine: 'tier:economy' } } });
    expect(registry.aliases()).toMatchObject({
      'gpt-4': 'a:own',
      mine: 'tier:economy',
      'gemini-pro': 'tier:standard',
    });
  });
});

describe('the key of a provider', () => {
  test("comes from the provider's own source first, then from the registry's", async () => {
    const own = provider('own', { credential: needsKey, credentialSource: keyed('own-key') });
    const empty = provider('empty', { credential: needsKey, credentialSource: { get: () => undefined } });
    const registry = createRegistry({ providers: [own, empty], credentials: keyed('shared-key') });
    expect(await registry.credential('own')).toEqual({ apiKey: 'own-key' });
    expect(await registry.credential('empty')).toEqual({ apiKey: 'shared-key' });
  });

  test('is asked for every time, so that a changed variable takes effect at once', async () => {
    const environment: Record<string, string> = { THE_KEY: ' first ' };
    const registry = createRegistry({
      providers: [provider('a', { credential: needsKey })],
      credentials: environmentCredentials(environment),
    });
    expect(await registry.credential('a')).toEqual({ apiKey: 'first', label: 'THE_KEY' });
    environment['THE_KEY'] = 'second';
    expect((await registry.credential('a'))?.apiKey).toBe('second');
    environment['THE_KEY'] = '  ';
    expect(await registry.credential('a')).toBeUndefined();
  });

  test('is missing when a source gives a blank one', async () => {
    const registry = createRegistry({
      providers: [provider('a', { credential: needsKey, credentialSource: keyed('  ') })],
      credentials: keyed('from the registry'),
    });
    expect((await registry.credential('a'))?.apiKey).toBe('from the registry');
  });

  test('decides whether a provider is ready, together with its switch', async () => {
    const registry = createRegistry({
      providers: [provider('open'), provider('locked', { credential: needsKey })],
      credentials: { get: () => undefined },
    });
    expect(await registry.isReady('open')).toBe(true);
    expect(await registry.isReady('locked')).toBe(false);
    registry.disable('open');
    expect(await registry.isReady('open')).toBe(false);
  });
});

describe('the verification of a key', () => {
  const verified: Provider['verify'] = async () => ({ status: 'verified', message: 'It works.' });
  const registryWith = (verify: Provider['verify'], key: CredentialSource = keyed('sekret-key-123')) =>
    createRegistry({
      providers: [provider('a', { credential: needsKey, ...(verify && { verify }) })],
      credentials: key,
    });
  const failing = (error: unknown) => registryWith(() => Promise.reject(error));

  test('says what the vendor says', async () => {
    expect(await registryWith(verified).verify('a')).toEqual({ status: 'verified', message: 'It works.' });
  });

  test('asks nobody when the key is missing, and names the variable to set', async () => {
    const verify = vi.fn(verified);
    const result = await registryWith(verify, { get: () => undefined }).verify('a');
    expect(result).toMatchObject({ status: 'missing', message: expect.stringContaining('THE_KEY') });
    expect(verify).not.toHaveBeenCalled();
  });

  test.each(['AUTHENTICATION', 'PERMISSION_DENIED'] as const)('is invalid after %s', async (code) => {
    expect(await failing(new MillraceError(code, 'no')).verify('a')).toMatchObject({ status: 'invalid' });
  });

  test.each([new MillraceError('NETWORK', 'refused'), new TypeError('fetch failed'), 'a string'])(
    'is unreachable after %s',
    async (error) => {
      expect(await failing(error).verify('a')).toMatchObject({ status: 'unreachable' });
    },
  );

  test('is unreachable where the provider has no way to check', async () => {
    expect(await registryWith(undefined).verify('a')).toMatchObject({ status: 'unreachable' });
  });

  test('shows no key that an error quotes', async () => {
    const { message } = await failing(new MillraceError('NETWORK', 'bad: sekret-key-123')).verify('a');
    expect(message).toContain('[redacted]');
    expect(message).not.toContain('sekret');
  });

  test('gives up after 10 seconds, even on a vendor that ignores its signal', async () => {
    vi.useFakeTimers();
    const result = registryWith(() => new Promise(() => undefined)).verify('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await result).toMatchObject({
      status: 'unreachable',
      message: expect.stringContaining('10000 ms'),
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives up on a source of keys that never answers', async () => {
    vi.useFakeTimers();
    const result = registryWith(verified, { get: () => new Promise(() => undefined) }).verify('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await result).toMatchObject({ status: 'unreachable' });
  });

  test('throws when the caller cancels, and leaves no listener behind', async () => {
    const caller = new AbortController();
    const reason = new Error('enough');
    const result = failureOf(() =>
      registryWith(() => new Promise(() => undefined)).verify('a', caller.signal),
    );
    caller.abort(reason);
    expect(await result).toMatchObject({ code: 'CANCELLED', cause: reason });
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
    expect(await failureOf(() => registryWith(verified).verify('a', caller.signal))).toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('the discovery of models', () => {
  test('adds those that the vendor tells of, and keeps what is known of the others', async () => {
    const registry = createRegistry({
      providers: [provider('a', { discoverModels: async () => [{ id: 'one' }, { id: 'fresh' }] })],
    });
    expect(ids(await registry.discoverModels('a'))).toEqual(['one', 'fresh']);
    expect(ids(registry.models())).toEqual(['one', 'two', 'fresh']);
    expect(registry.findModel('a', 'one')?.price).toBeDefined();
  });

  test('hands the provider its key', async () => {
    const discoverModels = vi.fn<NonNullable<Provider['discoverModels']>>(async () => []);
    const registry = createRegistry({
      providers: [provider('a', { discoverModels })],
      credentials: keyed('k-1'),
    });
    await registry.discoverModels('a');
    expect(discoverModels.mock.calls[0]?.[0].credential).toEqual({ apiKey: 'k-1' });
  });

  test('is the known list where the vendor cannot be asked', async () => {
    expect(ids(await createRegistry({ providers: [provider('a')] }).discoverModels('a'))).toEqual([
      'one',
      'two',
    ]);
  });

  test('keeps the old list when it fails, and shows no key', async () => {
    const error = new MillraceError('AUTHENTICATION', 'refused sekret-key-123');
    const registry = createRegistry({
      providers: [provider('a', { discoverModels: () => Promise.reject(error) })],
      credentials: keyed('sekret-key-123'),
    });
    const failure = await failureOf(() => registry.discoverModels('a'));
    expect(failure).toMatchObject({ code: 'AUTHENTICATION', message: 'refused [redacted]' });
    expect(ids(registry.models())).toEqual(['one', 'two']);
  });

  test('gives up after 10 seconds, also with a signal of the caller', async () => {
    vi.useFakeTimers();
    const registry = createRegistry({
      providers: [provider('a', { discoverModels: () => new Promise(() => undefined) })],
    });
    const failure = failureOf(() => registry.discoverModels('a', new AbortController().signal));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await failure).toMatchObject({ code: 'TIMEOUT' });
  });
});
