import fc from 'fast-check';
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
  type SetUp,
} from '../../test/routers.js';
import { failureOf } from '../../test/scripted-provider.js';
import { ProviderError } from '../model/errors/provider-error.js';
import { createRegistry } from '../provider/registry.js';
import { createCoolDown } from './cool-down/cool-down.js';
import { decideRoute } from './decide-route.js';
import { createExploration } from './history/exploration.js';
import { createHistory, type History } from './history/history.js';
import type { RouteDecision } from './route-decision.js';
import type { RouteInput } from './route-input.js';
import { createRouter } from './router.js';
import type { RoutingPolicy } from './routing-policy.js';

describe('heuristic', () => {
  test('sends a small question to an economy model and a large refactoring to a premium one, and says why', async () => {
    const { decide } = routerOf();
    const question = await decide(request(QUESTION));
    expect(first(question)).toBe('a:small');
    expect(question).toMatchObject({ mode: 'heuristic', tier: 'economy', task: { category: 'simple_qa' } });
    expect(question.candidates[0]?.reason).toMatch(
      /cheapest ready economy model.*simple_qa, complexity \d+ of 100/,
    );
    const refactoring = await decide(request(REFACTORING));
    expect(first(refactoring)).toBe('a:large');
    expect(refactoring).toMatchObject({ tier: 'premium', task: { category: 'refactor' } });
  });

  test('goes up a tier when one is exhausted, and down at last', async () => {
    const { decide } = routerOf({ policy: { maxAttempts: 20 } });
    expect(all(await decide(request(QUESTION)))).toEqual([
      'a:small',
      'b:small',
      'a:medium',
      'b:medium',
      'a:large',
      'b:large',
    ]);
    expect(all(await decide(request(REFACTORING)))).toEqual([
      'a:large',
      'b:large',
      'a:medium',
      'b:medium',
      'a:small',
      'b:small',
    ]);
  });

  test('knows the tier of a model by its price where nobody states it', async () => {
    const plain = MODELS.map(({ tier: _tier, ...model }) => model);
    const { decide } = routerOf({ providers: [provider('a', plain)] });
    expect(first(await decide(request(QUESTION)))).toBe('a:small');
    expect(first(await decide(request(REFACTORING)))).toBe('a:large');
  });

  test('takes the kind of task from the caller, or from the host, whose failure harms nothing', async () => {
    const { decide } = routerOf();
    const stated = await decide(request(QUESTION), { routing: { category: 'explain' } });
    expect(stated.task).toMatchObject({ category: 'explain', confidence: 1 });
    const classifier = async () =>
      ({ category: 'debug', complexity: 90, confidence: 0.7, signals: [] }) as const;
    const own = routerOf({ classifier });
    expect(await own.decide(request(QUESTION))).toMatchObject({
      tier: 'premium',
      task: { category: 'debug' },
    });
    const errors: unknown[] = [];
    const failing = routerOf({
      classifier: () => Promise.reject(new Error('no model')),
      onError: (error) => errors.push(error),
    });
    expect(first(await failing.decide(request(QUESTION)))).toBe('a:small');
    expect(errors).toHaveLength(1);
  });
});

describe('the decision record', () => {
  test('names every model that was left out, and why', async () => {
    const coolDown = createCoolDown({ failures: 1 });
    coolDown.begin('a', 'small')?.failed(new ProviderError('OVERLOADED', 'Busy.', { provider: 'a' }));
    const { decide } = routerOf({
      coolDown,
      providers: [
        provider('a', [...MODELS, { id: 'blind', tier: 'economy', capabilities: { tools: false } }]),
        provider('off'),
        provider('locked', MODELS, { credential: { required: true, environmentVariable: 'THE_KEY' } }),
        provider('fake', MODELS, { simulated: true }),
      ],
    });
    const tools = [{ type: 'function', name: 't', inputSchema: {} }] as const;
    const { rejected, candidates } = await decide(request('word '.repeat(10_000), 'auto', { tools }));
    expect(candidates.map(({ model }) => model)).toContain('large');
    expect(rejected).toEqual(
      expect.arrayContaining([
        { provider: 'locked', kind: 'no-key', reason: 'it has no key' },
        { provider: 'fake', kind: 'policy', reason: expect.stringContaining('simulated') },
        { provider: 'a', model: 'blind', kind: 'capability', reason: 'it has no tools' },
        { provider: 'a', model: 'medium', kind: 'context', reason: expect.stringContaining('8000') },
        { provider: 'a', model: 'small', kind: 'cool-down', reason: expect.stringContaining('OVERLOADED') },
      ]),
    );
  });

  test('leaves no model out without a word, whatever the request names', async () => {
    const names = MODELS.flatMap(({ id }) => [`a:${id}`, `b:${id}`]).toSorted();
    for (const maxAttempts of [1, 3, 20]) {
      const { decide } = routerOf({ policy: { maxAttempts } });
      for (const model of ['auto', 'tier:economy', 'tier:standard', 'tier:premium']) {
        const decision = await decide(request(REFACTORING, model));
        const told = decision.rejected.map((one) => `${one.provider}:${one.model}`);
        expect([...all(decision), ...told].toSorted()).toEqual(names);
      }
    }
    const premium = await routerOf().decide(request('Hi', 'tier:premium'));
    expect(premium.rejected).toContainEqual({
      provider: 'a',
      model: 'small',
      kind: 'policy',
      reason: 'it is below the tier premium',
    });
  });

  test('can be made again from what it was made from, also when that was kept as text', async () => {
    const history = createHistory();
    history.record({ provider: 'b', model: 'small', category: 'simple_qa', success: 1 });
    const { decide } = routerOf({ policy: { mode: 'cost-aware', maxAttempts: 20 }, history });
    const { input, candidates, rejected, task } = await decide(request(QUESTION), { nearLimit: 'all' });
    const kept = JSON.parse(JSON.stringify(input)) as RouteInput;
    expect(decideRoute(kept)).toMatchObject({ candidates, rejected, task, downgraded: true });
  });

  test('says what each candidate may cost', async () => {
    const { candidates } = await routerOf().decide(
      request('x'.repeat(4_000), 'tier:economy', { maxOutputTokens: 100 }),
    );
    expect(candidates[0]?.estimatedCostUsd).toBeCloseTo((1_000 * 0.1 + 100 * 0.4) / 1e6, 12);
  });

  test('that no model cools down is not made of a model that must be called for want of others', async () => {
    const coolDown = createCoolDown({ failures: 1 });
    for (const { id } of MODELS)
      coolDown.begin('a', id)?.failed(new ProviderError('OVERLOADED', 'Busy.', { provider: 'a' }));
    const { decide } = routerOf({ coolDown, providers: [provider('a')] });
    expect(first(await decide(request(QUESTION)))).toBe('a:small');
    expect(first(await decide(request(QUESTION, 'a:large')))).toBe('a:large');
  });

  test('is the same again from its input', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    const model = fc.record({
      info: fc.record(
        {
          provider: fc.constantFrom('a', 'b'),
          id: fc.string({ minLength: 1, maxLength: 5 }),
          tier: fc.option(fc.constantFrom('economy', 'standard', 'premium'), { nil: undefined }),
          price: fc.option(fc.record({ input: fc.nat(20), output: fc.nat(60) }), { nil: undefined }),
          contextWindow: fc.option(fc.nat(10_000), { nil: undefined }),
        },
        { requiredKeys: ['provider', 'id'] },
      ),
      priority: fc.nat(2),
      coolDown: fc.option(fc.constant('it fails'), { nil: undefined }),
      history: fc.option(
        fc.record({
          calls: fc.nat(200),
          successRate: chance,
          lowerBound: chance,
          upperBound: chance,
          latencyMs: fc.constant(undefined),
          costUsd: fc.constant(undefined),
        }),
        { nil: undefined },
      ),
    });
    const input = fc.record({
      requested: fc.constant('auto'),
      mode: fc.constantFrom('heuristic', 'cost-aware'),
      tier: fc.option(fc.constantFrom('economy', 'standard', 'premium'), { nil: undefined }),
      task: fc.option(
        fc.record({
          category: fc.constantFrom('debug', 'other'),
          complexity: fc.nat(100),
          confidence: chance,
        }),
        { nil: undefined },
      ),
      needs: fc.record({
        tools: fc.boolean(),
        json: fc.boolean(),
        vision: fc.boolean(),
        tokensIn: fc.nat(12_000),
        tokensOut: fc.option(fc.nat(500), { nil: undefined }),
      }),
      threshold: chance,
      downgrade: fc.boolean(),
      explore: fc.boolean(),
      models: fc.uniqueArray(model, {
        maxLength: 12,
        selector: ({ info }) => `${info.provider}:${info.id}`,
      }),
      excluded: fc.constant([]),
      simulated: fc.boolean(),
    }) as fc.Arbitrary<RouteInput>;
    fc.assert(
      fc.property(input, (given) => {
        const decision = decideRoute(given);
        expect(decideRoute(JSON.parse(JSON.stringify(given)))).toEqual(
          JSON.parse(JSON.stringify(decision)) as RouteDecision,
        );
        const names = all(decision);
        expect(new Set(names).size).toBe(names.length);
        for (const { provider: id, model: name } of decision.rejected)
          expect(names).not.toContain(`${id}:${name}`);
        for (const candidate of decision.candidates) expect(candidate.reason).toContain(candidate.model);
      }),
    );
  });
});

describe('a budget that is nearly used', () => {
  test('sends the task to a cheaper tier, and puts the price before the priority', async () => {
    const dear = { id: 'dear', tier: 'standard', price: { input: 5, output: 5 } } as const;
    const registered = [{ provider: provider('z', [dear]), priority: 9 }, provider('a')];
    const registry = createRegistry({ providers: registered });
    const router = createRouter(registry);
    const plain = await router.decide(request(REFACTORING));
    expect(first(plain)).toBe('a:large');
    const pressed = await router.decide(request(REFACTORING), { nearLimit: 'each-user' });
    expect(first(pressed)).toBe('a:medium');
    expect(pressed).toMatchObject({ downgraded: true, tier: 'standard' });
    expect(pressed.candidates[0]?.reason).toContain(
      'the budget "each-user" is nearly used, so standard in place of premium',
    );
    expect(first(await router.decide(request('Hi', 'tier:standard'), { nearLimit: 'x' }))).toBe('a:small');
  });

  test('leaves out models that are likely to cost more than is left, unless there are no others', async () => {
    const { decide } = routerOf({ providers: [provider('a')] });
    const left = await decide(request('Hi', 'tier:economy'), { leftUsd: 0.005 });
    expect(all(left)).toEqual(['a:small', 'a:medium']);
    expect(left.rejected).toEqual([
      { provider: 'a', model: 'large', kind: 'budget', reason: expect.stringContaining('$0.0050 left') },
    ]);
    expect(first(await decide(request('Hi'), { leftUsd: 0 }))).toBe('a:small');
  });

  test('changes nothing for a model that the caller named, or where the policy says so', async () => {
    const { decide } = routerOf({ policy: { downgrade: false } });
    expect(first(await decide(request(REFACTORING), { nearLimit: 'x' }))).toBe('a:large');
    expect(first(await routerOf().decide(request('Hi', 'a:large'), { nearLimit: 'x' }))).toBe('a:large');
  });
});

describe('cost-aware', () => {
  const learned = (
    ...records: readonly (readonly [model: string, calls: number, successes: number])[]
  ): History => {
    const history = createHistory();
    for (const [model, calls, successes] of records)
      for (let call = 0; call < calls; call++)
        history.record({ provider: 'a', model, category: 'refactor', success: call < successes ? 1 : 0 });
    return history;
  };
  const decideWith = (history: History, options: Partial<SetUp> = {}) =>
    routerOf({ policy: { mode: 'cost-aware' }, providers: [provider('a')], history, ...options }).decide(
      request(REFACTORING),
    );

  test('takes the cheapest model that has done well enough at such tasks', async () => {
    const decision = await decideWith(learned(['small', 140, 130], ['large', 100, 99]));
    expect(first(decision)).toBe('a:small');
    expect(decision.candidates[0]?.reason).toMatch(/a:small: cheapest economy, 92 % success over 140 calls/);
    expect(decision.candidates[0]?.predictedSuccess).toBeCloseTo(130 / 140, 2);
  });

  test('is not won by three lucky calls, nor kept by a model that fails', async () => {
    expect(first(await decideWith(learned(['small', 3, 3])))).toBe('a:large');
    expect(all(await decideWith(learned(['large', 100, 20]))).at(-1)).toBe('a:large');
  });

  test('goes by the threshold of the policy or the request', async () => {
    const history = learned(['small', 200, 130]);
    expect(first(await decideWith(history))).toBe('a:large');
    expect(first(await decideWith(history, { policy: { mode: 'cost-aware', threshold: 0.5 } }))).toBe(
      'a:small',
    );
    const { decide } = routerOf({ history, providers: [provider('a')] });
    const context = { routing: { mode: 'cost-aware', threshold: 0.5 } } as const;
    expect(first(await decide(request(REFACTORING), context))).toBe('a:small');
  });

  test('tries a cheaper model out now and then, where the host allows it', async () => {
    const history = learned(['large', 100, 99]);
    const always = createExploration({ share: 1, maxPerHour: 1 });
    const { decide } = routerOf({
      policy: { mode: 'cost-aware' },
      providers: [provider('a')],
      history,
      exploration: always,
    });
    const tried = await decide(request(REFACTORING));
    expect(tried.explored).toBe(true);
    expect(first(tried)).not.toBe('a:large');
    expect(await decide(request(REFACTORING))).not.toHaveProperty('explored');
  });
});

describe('orchestrated', () => {
  const policy: RoutingPolicy = {
    mode: 'orchestrated',
    roles: { architect: 'tier:premium', reviewer: 'b:medium' },
    categories: { simple_qa: 'b:small', refactor: 'auto' },
  };

  test('gives each role its model, and each kind of task', async () => {
    const { decide } = routerOf({ policy });
    const reviewing = await decide(request(QUESTION), { routing: { role: 'reviewer' } });
    expect(first(reviewing)).toBe('b:medium');
    expect(reviewing).toMatchObject({ mode: 'orchestrated', requested: 'auto' });
    expect(reviewing.candidates[0]?.reason).toContain('chosen for the role reviewer');
    expect(first(await decide(request(QUESTION), { routing: { role: 'architect' } }))).toBe('a:large');
    const asking = await decide(request(QUESTION));
    expect(first(asking)).toBe('b:small');
    expect(asking.candidates[0]?.reason).toContain('chosen for simple_qa tasks');
    expect(first(await decide(request(REFACTORING)))).toBe('a:large');
  });

  test('knows its roles', async () => {
    const failure = await failureOf(() =>
      routerOf({ policy }).decide(request('Hi'), { routing: { role: 'cook' } }),
    );
    expect(failure).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('architect, reviewer'),
    });
  });
});

describe('manual', () => {
  test('wants a name, and takes any', async () => {
    const { decide } = routerOf({ policy: { mode: 'manual' } });
    expect(await failureOf(() => decide(request('Hi')))).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('name the model, such as "a:small"'),
    });
    expect(first(await decide(request('Hi', 'large')))).toBe('a:large');
    expect(first(await decide(request('Hi', 'tier:standard')))).toBe('a:medium');
    expect(first(await decide(request('Hi'), { routing: { mode: 'heuristic' } }))).toBe('a:small');
  });
});
