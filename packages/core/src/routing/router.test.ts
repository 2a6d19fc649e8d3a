import { describe, expect, test } from 'vitest';
import { failureOf, MODELS, play, scriptedProvider, textAnswer } from '../../test/scripted-provider.js';
import type { ModelRequest } from '../model/model-request.js';
import type { ModelInfo } from '../provider/model-info.js';
import type { Provider } from '../provider/provider.js';
import { createRegistry, type Registry, type RegistryOptions } from '../provider/registry.js';
import { createRouter } from './router.js';

const provider = (id: string, changes: Partial<Provider> = {}): Provider =>
  scriptedProvider(play(textAnswer('hi')), { id, label: id, ...changes });
const withModels = (id: string, ...models: ModelInfo[]): Provider => provider(id, { models });
const simulated = provider('simulated', { simulated: true, models: [{ id: 'made-up', tier: 'economy' }] });
const needsKey = { required: true, environmentVariable: 'THE_KEY' };

const request = (model: string, changes: Partial<ModelRequest> = {}): ModelRequest => ({
  model,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  ...changes,
});
const noKeys: RegistryOptions['credentials'] = { get: () => undefined };
const decide = (registry: Registry, model: string, changes: Partial<ModelRequest> = {}) =>
  createRouter(registry).decide(request(model, changes));
const names = async (
  registry: Registry,
  model: string,
  changes: Partial<ModelRequest> = {},
): Promise<string[]> =>
  (await decide(registry, model, changes)).candidates.map((one) => `${one.provider}:${one.model}`);

describe('an explicit provider:model', () => {
  const registry = createRegistry({ providers: [provider('a'), provider('b')] });

  test('is that one, with what is known of it', async () => {
    const { candidates, requested } = await decide(registry, 'b:one');
    expect(requested).toBe('b:one');
    expect(candidates).toMatchObject([{ provider: 'b', model: 'one', info: { price: { input: 1 } } }]);
    expect(candidates[0]?.reason).toContain('named by the caller');
  });

  test('need not be in the catalogue', async () => {
    const { candidates } = await decide(registry, 'a:brand-new:7b');
    expect(candidates).toMatchObject([{ provider: 'a', model: 'brand-new:7b', info: undefined }]);
  });

  test('is refused while the provider is switched off', async () => {
    const switchedOff = createRegistry({
      providers: [{ provider: provider('a'), enabled: false }, provider('b')],
    });
    expect(await failureOf(() => decide(switchedOff, 'a:one'))).toMatchObject({ code: 'PROVIDER_DISABLED' });
  });
});

describe('a bare model name', () => {
  test('is found at the provider that has it, also with a colon in it', async () => {
    const registry = createRegistry({
      providers: [provider('a'), withModels('local', { id: 'llama3.2:3b' })],
    });
    expect(await names(registry, 'llama3.2:3b')).toEqual(['local:llama3.2:3b']);
    expect(await names(registry, 'a:one')).toEqual(['a:one']);
  });

  test('is tried at every provider that has it, the highest priority first', async () => {
    const registry = createRegistry({ providers: [provider('a'), provider('b'), provider('c')] });
    registry.setPriority('c', 1);
    expect(await names(registry, 'one')).toEqual(['c:one', 'a:one', 'b:one']);
    registry.disable('c');
    expect(await names(registry, 'one')).toEqual(['a:one', 'b:one']);
  });

  test('may be a dated name of a model and is sent as it was written', async () => {
    const registry = createRegistry({ providers: [withModels('a', { id: 'x', aliases: ['x-2026-01-01'] })] });
    const { candidates } = await decide(registry, 'x-2026-01-01');
    expect(candidates).toMatchObject([{ provider: 'a', model: 'x-2026-01-01', info: { id: 'x' } }]);
  });
});

describe('an alias', () => {
  const registryWith = (aliases: Record<string, string>, models: readonly ModelInfo[] = MODELS): Registry =>
    createRegistry({ providers: [provider('a', { models })], catalogue: { aliases } });

  test('leads to a model, a provider:model, a tier or another alias, and says so', async () => {
    const aliases = { fast: 'one', exact: 'a:two', cheap: 'tier:economy', first: 'second', second: 'fast' };
    const registry = registryWith(aliases);
    expect(await names(registry, 'fast')).toEqual(['a:one']);
    expect(await names(registry, 'exact')).toEqual(['a:two']);
    expect(await names(registry, 'cheap')).toEqual(['a:one', 'a:two']);
    const { candidates, requested } = await decide(registry, 'first');
    expect({ requested, model: candidates[0]?.model }).toEqual({ requested: 'first', model: 'one' });
    expect(candidates[0]?.reason).toContain('"first" is an alias');
  });

  test('is not followed while a model of that very name can be called', async () => {
    const registry = registryWith({}, [{ id: 'gpt-4' }, ...MODELS]);
    expect(await names(registry, 'gpt-4')).toEqual(['a:gpt-4']);
    expect(await names(registryWith({}), 'gpt-4')).toEqual(['a:two']);
  });

  test('may be the last of a long chain', async () => {
    const chain = Array.from({ length: 20 }, (_, step) => [`step-${step}`, `step-${step + 1}`]);
    const registry = registryWith({ ...Object.fromEntries(chain), 'step-20': 'one' });
    expect(await names(registry, 'step-0')).toEqual(['a:one']);
  });

  test.each([{ x: 'x' }, { x: 'y', y: 'z', z: 'x' }])(
    'that leads in a circle is refused: %o',
    async (aliases) => {
      const failure = await failureOf(() => decide(registryWith(aliases), 'x'));
      expect(failure).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('circle') });
    },
  );

  test.each(['constructor', '__proto__', 'toString'])(
    'is not made of what every object has: %s',
    async (name) => {
      expect(await failureOf(() => decide(registryWith({}), name))).toMatchObject({ code: 'UNKNOWN_MODEL' });
    },
  );
});

describe('a tier and auto', () => {
  const models: readonly ModelInfo[] = [
    { id: 'unpriced', tier: 'economy' },
    { id: 'dear', tier: 'economy', price: { input: 5, output: 5 } },
    { id: 'cheap', tier: 'economy', price: { input: 1, output: 1 } },
    { id: 'best', tier: 'premium', price: { input: 9, output: 9 } },
  ];

  test('are the models of the tier, cheapest first, unknown prices last', async () => {
    const registry = createRegistry({ providers: [provider('a', { models })] });
    // When a tier is exhausted, the next dearer one stands in.
    expect(await names(registry, 'tier:economy')).toEqual(['a:cheap', 'a:dear', 'a:unpriced', 'a:best']);
    expect(await names(registry, 'tier:premium')).toEqual(['a:best']);
    expect((await names(registry, 'auto'))[0]).toBe('a:cheap');
  });

  test('put the priority of the provider before the price, and say so', async () => {
    const registry = createRegistry({
      providers: [
        provider('a', { models }),
        {
          provider: withModels('b', { id: 'own', tier: 'economy', price: { input: 50, output: 50 } }),
          priority: 1,
        },
      ],
    });
    const { candidates } = await decide(registry, 'auto');
    expect(candidates.slice(0, 2)).toMatchObject([{ provider: 'b' }, { provider: 'a', model: 'cheap' }]);
    expect(candidates[0]?.reason).toContain('first by priority');
    const alone = await decide(createRegistry({ providers: [provider('a', { models })] }), 'auto');
    expect(alone.candidates[0]?.reason).toContain('cheapest ready economy model');
  });

  test('leave out providers that are switched off or have no key', async () => {
    const registry = createRegistry({
      providers: [provider('locked', { credential: needsKey }), provider('off'), provider('open')],
      credentials: noKeys,
    });
    registry.disable('off');
    expect(await names(registry, 'tier:economy')).toEqual(['open:one', 'open:two']);
    expect((await decide(registry, 'tier:economy')).rejected).toEqual([
      { provider: 'locked', kind: 'no-key', reason: 'it has no key' },
      { provider: 'off', kind: 'disabled', reason: 'it is switched off' },
    ]);
  });

  test('never choose a simulated provider while a real one is ready', async () => {
    const registry = createRegistry({
      providers: [{ provider: simulated, priority: 100 }, provider('real')],
    });
    expect(await names(registry, 'auto')).toEqual(['real:one', 'real:two']);
    expect(await names(registry, 'simulated:made-up')).toEqual(['simulated:made-up']);
  });

  test('choose a simulated provider when no real one is ready, and say so', async () => {
    const registry = createRegistry({
      providers: [provider('locked', { credential: needsKey }), simulated],
      credentials: noKeys,
    });
    const { candidates } = await decide(registry, 'auto');
    expect(candidates).toMatchObject([
      { provider: 'simulated', reason: expect.stringContaining('simulated') },
    ]);
  });

  const able: readonly ModelInfo[] = [
    { id: 'none', capabilities: { tools: false, vision: false, json: false } },
    { id: 'all', capabilities: { tools: true, vision: true, json: 'schema' } },
    { id: 'unknown' },
  ];
  const image = {
    type: 'file',
    mediaType: 'image/png',
    data: { type: 'url', url: 'https://x.example/a.png' },
  } as const;

  test.each<[string, Partial<ModelRequest>]>([
    ['tools', { tools: [{ type: 'function', name: 't', inputSchema: {} }] }],
    ['JSON', { responseFormat: { type: 'json' } }],
    ['images', { messages: [{ role: 'user', content: [image] }] }],
  ])('leave out models that are known not to have %s', async (_what, changes) => {
    const registry = createRegistry({ providers: [provider('a', { models: able })] });
    expect(await names(registry, 'auto', changes)).toEqual(['a:all', 'a:unknown']);
    expect(await names(registry, 'auto')).toHaveLength(3);
    expect(await names(registry, 'a:none', changes)).toEqual(['a:none']);
  });

  test('say what no ready model can do', async () => {
    const registry = createRegistry({ providers: [provider('a', { models: able.slice(0, 1) })] });
    const failure = await failureOf(() => decide(registry, 'auto', { responseFormat: { type: 'json' } }));
    expect(failure).toMatchObject({ code: 'NO_PROVIDER', message: expect.stringContaining('JSON output') });
  });

  test('say what to set when no provider is ready', async () => {
    const registry = createRegistry({
      providers: [provider('a', { credential: needsKey })],
      credentials: noKeys,
    });
    const failure = await failureOf(() => decide(registry, 'auto'));
    expect(failure).toMatchObject({ code: 'NO_PROVIDER', message: expect.stringContaining('THE_KEY') });
    expect(await failureOf(() => decide(createRegistry(), 'auto'))).toMatchObject({
      code: 'NO_PROVIDER',
      message: expect.stringContaining('providers'),
    });
  });

  test('bear that providers come and go while keys are fetched', async () => {
    const registry = createRegistry({
      providers: [provider('a', { credential: needsKey }), provider('b', { credential: needsKey })],
      credentials: { get: async () => ({ apiKey: 'a-key' }) },
    });
    const decision = names(registry, 'tier:economy');
    registry.unregister('b');
    registry.register(provider('c'));
    expect(await decision).toEqual(['a:one', 'a:two']);
    expect((await names(registry, 'tier:economy')).slice(0, 2)).toEqual(['a:one', 'c:one']);
  });
});

describe('an unknown model', () => {
  const registry = createRegistry({ providers: [withModels('openai', { id: 'gpt-4o-mini' })] });

  test.each([
    ['gpt-4o-mni', 'gpt-4o-mini'],
    ['opnai:gpt-4o-mini', 'openai:gpt-4o-mini'],
    ['tier:econmy', 'tier:economy'],
    ['atuo', 'auto'],
  ])('%s is answered with the nearest name, %s', async (typo, suggestion) => {
    expect(await failureOf(() => decide(registry, typo))).toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: expect.stringContaining(`Did you mean "${suggestion}"?`),
      details: { requested: typo, suggestion },
    });
  });

  test('far from every name gets no suggestion, but the ways to name one', async () => {
    const failure = await failureOf(() => decide(registry, 'zzzzzzzzzzzzzzzz'));
    expect(failure).toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: expect.stringContaining('one of openai'),
    });
    expect(failure).toMatchObject({ details: { requested: 'zzzzzzzzzzzzzzzz' } });
    expect((failure as Error).message).not.toContain('Did you mean');
  });

  test('of a provider that is switched off is not offered', async () => {
    const off = createRegistry({ providers: [{ provider: provider('a'), enabled: false }] });
    expect(await failureOf(() => decide(off, 'one'))).toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: expect.stringContaining('No provider is switched on'),
    });
  });
});
