import { describe, expect, test } from 'vitest';
import { recordOf, recordsOf } from '../../test/record-of.js';
import {
  failureOf,
  finish,
  play,
  playThenThrow,
  type Script,
  scriptedProvider,
  start,
  textAnswer,
} from '../../test/scripted-provider.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { ModelRequest } from '../model/model-request.js';
import {
  createExperiments,
  createHistory,
  type Experiment,
  fitRouter,
  type RouterExample,
} from '../routing/index.js';
import { createGateway, type GatewayOptions } from './create-gateway.js';
import type { GatewayEvents } from './gateway-events.js';

const vendor = (id: string, script: Script, price = id.charCodeAt(0)) =>
  scriptedProvider(script, {
    id,
    label: id,
    models: [{ id: 'one', tier: 'economy', price: { input: price, output: price } }],
  });
const setUp = (scripts: Readonly<Record<string, Script>>, options: GatewayOptions = {}) => {
  const providers = Object.entries(scripts).map(([id, script]) => vendor(id, script));
  const gateway = createGateway({ providers, retry: { retries: 0 }, ...options });
  return { gateway, providers };
};
const asked = { prompt: 'What is 2+2?' };
const textOf = ({ messages }: ModelRequest): string => {
  const content = messages.at(-1)?.content ?? '';
  return typeof content === 'string'
    ? content
    : content.map((part) => ('text' in part ? part.text : '')).join('');
};

describe('the record of a call', () => {
  test('says what it was about and how its model was chosen', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) });
    await gateway.chat(asked);
    expect(await recordOf(gateway)).toMatchObject({
      category: 'simple_qa',
      complexity: expect.any(Number),
      routeMode: 'heuristic',
      failover: false,
      experiment: null,
    });
    const named = setUp({ a: play(textAnswer('4')) });
    await named.gateway.chat({ ...asked, model: 'a:one', routing: { category: 'explain' } });
    expect(await recordOf(named.gateway)).toMatchObject({ category: 'explain', routeMode: 'named' });
    for (const [classify, category] of [
      ['needed', null],
      ['all', 'simple_qa'],
    ] as const) {
      const { gateway: other } = setUp({ a: play(textAnswer('4')) }, { routing: { classify } });
      await other.chat({ ...asked, model: 'a:one' });
      expect(await recordOf(other)).toMatchObject({ category });
    }
  });

  test('says when another model stood in', async () => {
    const broken = playThenThrow([], new ProviderError('OVERLOADED', 'Busy.', { provider: 'a' }));
    const { gateway } = setUp({ a: broken, b: play(textAnswer('4')) });
    const { id } = await gateway.chat(asked);
    expect(await gateway.ledger.get(id)).toMatchObject({ provider: 'b', failover: true });
  });
});

describe('feedback', () => {
  test('is kept with the call, told, and learned from', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) }, { routing: { history: createHistory() } });
    const told: GatewayEvents['call-feedback'][] = [];
    gateway.on('call-feedback', (event) => void told.push(event));
    const { id } = await gateway.chat(asked);
    expect(await gateway.feedback({ rating: 'bad', callId: id })).toMatchObject({
      callId: id,
      rating: 1,
      verdict: { success: false },
    });
    expect(await gateway.ledger.get(id)).toMatchObject({ rating: 1 });
    expect(told).toMatchObject([{ id, rating: 1 }]);
    expect(gateway.routing.history?.look('a', 'one', 'simple_qa').successRate).toBeCloseTo(0.5, 3);
  });

  test('is about the latest answer of the user, or one by the beginning of its id', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) });
    const first = await gateway.chat({ ...asked, user: 'ada' });
    const second = await gateway.chat({ ...asked, user: 'ada' });
    await gateway.chat({ ...asked, user: 'bob' });
    expect((await gateway.feedback({ rating: 5, user: 'ada' })).callId).toBe(second.id);
    const part = first.id.slice(0, -2);
    const byPart = await failureOf(() =>
      gateway.feedback({ rating: 2, user: 'ada', callId: part.slice(0, 8) }),
    );
    expect(byPart).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('calls have ids') });
    expect((await gateway.feedback({ rating: 2, user: 'ada', callId: first.id.toUpperCase() })).callId).toBe(
      first.id,
    );
    expect(
      await failureOf(() => gateway.feedback({ rating: 1, user: 'bob', callId: first.id })),
    ).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('of the host outweighs what the answer looks like', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) });
    const { id } = await gateway.chat(asked);
    const { verdict, rating } = await gateway.feedback({
      callId: id,
      verdicts: [{ name: 'tests', passed: false }],
    });
    expect({ success: verdict.success, rating }).toEqual({ success: false, rating: null });
  });

  test.each([
    [{}, 'rating'],
    [{ rating: 6 }, 'rating'],
    [{ rating: 'great' }, 'rating'],
    [{ verdicts: [{ name: 'tests', passed: 2 }] }, 'verdicts'],
    [{ rating: 5, callId: 'x' }, 'callId'],
  ])('that cannot be right is refused: %j', async (request, name) => {
    const { gateway } = setUp({ a: play(textAnswer('4')) });
    expect(await failureOf(() => gateway.feedback(request as never))).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(`\`${name}\``),
    });
  });
});

describe('/feedback in a chat', () => {
  test('is answered without a model, a record or the cache', async () => {
    const { gateway, providers } = setUp({ a: play(textAnswer('4')) }, { cache: {} });
    const { id } = await gateway.chat({ ...asked, user: 'ada' });
    for (const rating of [4, 2]) {
      const reply = await gateway.chat({ prompt: `/feedback ${rating}`, user: 'ada' });
      expect(reply.text).toBe(`Thank you. The answer ${id} is rated ${rating} of 5.`);
      expect(reply).toMatchObject({ cost: { costUsd: 0 }, cache: undefined, route: { model: 'feedback' } });
    }
    expect(providers[0]?.calls).toHaveLength(1);
    expect(await recordsOf(gateway)).toMatchObject([{ id, rating: 2 }]);
  });

  test('streams, takes part of an id, and says what is wrong with it', async () => {
    const { gateway } = setUp({ a: play(textAnswer('4')) });
    const say = async (prompt: string): Promise<string> => (await gateway.stream({ prompt }).reply()).text;
    expect(await say('/feedback good')).toContain('no answered call yet');
    const { id } = await gateway.chat(asked);
    expect(await say(`/feedback bad ${id.slice(0, 30)}`)).toContain(`${id} is rated 1 of 5`);
    expect(await say('/feedback great')).toContain('is not a rating');
    expect(await say('Tell me about /feedback good')).toBe('4');
  });
});

describe('an experiment', () => {
  const experiment: Experiment = {
    id: 'cheaper',
    control: { targets: ['b:one'] },
    challenger: { targets: ['a:one'] },
    share: 0.5,
  };
  const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);

  test('gives each user one side, and records which', async () => {
    const experiments = createExperiments({ experiments: [experiment] });
    const { gateway } = setUp(
      { a: play(textAnswer('4')), b: play(textAnswer('4')) },
      { routing: { experiments } },
    );
    const sides = new Map<string, string>();
    for (const user of users) {
      const { route } = await gateway.chat({ ...asked, user });
      sides.set(user, route.provider);
      expect(route.reason).toContain('experiment "cheaper"');
    }
    expect(new Set(sides.values())).toEqual(new Set(['a', 'b']));
    for (const user of users.slice(0, 10))
      expect((await gateway.chat({ ...asked, user })).route.provider).toBe(sides.get(user));
    for (const { provider, experiment: id, experimentArm } of await recordsOf(gateway))
      expect([id, experimentArm]).toEqual(['cheaper', provider === 'a' ? 'challenger' : 'control']);
  });

  test('promotes the better side by itself, and says so', async () => {
    const experiments = createExperiments({ experiments: [{ ...experiment, unit: 'outcome' }] });
    const decided: unknown[] = [];
    experiments.on((event) => void decided.push(event));
    const { gateway } = setUp(
      { a: play(textAnswer('4')), b: play([start, finish()]) },
      { routing: { experiments } },
    );
    let call = 0;
    while (decided.length === 0 && call < 2_000) await gateway.chat({ ...asked, user: `u${call++}` });
    expect(decided).toMatchObject([{ type: 'experiment-promote', experiment: 'cheaper' }]);
    for (const user of users) expect((await gateway.chat({ ...asked, user })).route.provider).toBe('a');
  });

  test('leaves out models that cannot do it, named models, and experiments that are wrong', async () => {
    const wrong = {
      ...experiment,
      control: { targets: ['nobody:x'] },
      challenger: { targets: ['nobody:y'] },
    };
    const { gateway } = setUp(
      { a: play(textAnswer('4')), b: play(textAnswer('4')) },
      { routing: { experiments: createExperiments({ experiments: [wrong] }) } },
    );
    expect((await gateway.chat({ ...asked, user: 'ada' })).route.provider).toBe('a');
    expect((await gateway.chat({ ...asked, user: 'ada', model: 'b:one' })).route.provider).toBe('b');
    expect((await recordsOf(gateway)).map(({ experiment: id }) => id)).toEqual([null, null]);
  });

  test('calls shadows beside the answer, which are records of their own', async () => {
    const experiments = createExperiments({
      experiments: [{ ...experiment, share: 0, shadow: { targets: ['a:one'], share: 1 } }],
    });
    const { gateway, providers } = setUp(
      { a: play(textAnswer('shadow')), b: play(textAnswer('answer')) },
      { routing: { experiments } },
    );
    expect((await gateway.chat({ ...asked, user: 'ada', tags: ['x'] })).text).toBe('answer');
    await expect.poll(async () => (await recordsOf(gateway)).length).toBe(2);
    const shadow = (await recordsOf(gateway)).find(({ provider }) => provider === 'a');
    expect(shadow).toMatchObject({
      tags: ['x', 'shadow'],
      user: 'ada',
      routeMode: 'named',
      experiment: null,
    });
    expect(textOf(providers[0]?.calls[0] as ModelRequest)).toBe(asked.prompt);
    await gateway.close();
  });
});

test('a fitted router sends each request to the cheapest model that is expected to do', async () => {
  const examples: RouterExample[] = [];
  for (let index = 0; index < 200; index++) {
    const isProof = index % 2 === 0;
    const request = isProof
      ? `Prove the theorem number ${index} about compact operators rigorously.`
      : `What colour is the fruit number ${index} in the basket?`;
    examples.push({ request, model: 'a:one', success: isProof ? 0 : 1 });
    examples.push({ request, model: 'b:one', success: 1 });
  }
  const learned = fitRouter(examples, { seed: 1 });
  const { gateway } = setUp(
    { a: play(textAnswer('a')), b: play(textAnswer('b')) },
    { routing: { mode: 'cost-aware', learned } },
  );
  const easy = await gateway.chat({ prompt: 'What colour is the fruit number 300 in the basket?' });
  const hard = await gateway.chat({
    prompt: 'Prove the theorem number 301 about compact operators rigorously.',
  });
  expect([easy.route.provider, hard.route.provider]).toEqual(['a', 'b']);
  expect(hard.route.reason).toMatch(/b:one: economy, \d+ % success expected by the trained router/);
});

describe('compare', () => {
  const broken = playThenThrow([], new ProviderError('OVERLOADED', 'Busy.', { provider: 'b' }));

  test('asks all models the same, and keeps failures to themselves', async () => {
    const { gateway, providers } = setUp({
      a: play(textAnswer('from a')),
      b: broken,
      c: play(textAnswer('from c')),
    });
    const { id, results } = await gateway.compare({
      models: ['a:one', 'b:one', 'nobody', 'c:one'],
      prompt: 'What is in the file?',
      context: [{ name: 'notes.md', text: 'Nothing.' }],
    });
    expect(results.map((result) => ('reply' in result ? result.reply.text : result.error.code))).toEqual([
      'from a',
      'OVERLOADED',
      'UNKNOWN_MODEL',
      'from c',
    ]);
    expect(textOf(providers[0]?.calls[0] as ModelRequest)).toBe(
      '<context name="notes.md">\nNothing.\n</context>\n\nWhat is in the file?',
    );
    expect(await recordsOf(gateway)).toHaveLength(4);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('puts the context before the newest user message of a conversation', async () => {
    const { gateway, providers } = setUp({ a: play(textAnswer('x')) });
    await gateway.compare({
      models: ['a:one'],
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'yes' },
        { role: 'user', content: [{ type: 'text', text: 'second' }] },
      ],
      context: [{ name: 'c', text: 't' }],
    });
    expect(textOf(providers[0]?.calls[0] as ModelRequest)).toBe(
      '<context name="c">\nt\n</context>\n\nsecond',
    );
  });

  test('ends with the caller', async () => {
    const { gateway } = setUp({ a: play(textAnswer('x')) });
    const { results } = await gateway.compare({
      models: ['a:one'],
      prompt: 'Hi',
      signal: AbortSignal.abort(),
    });
    expect(results).toMatchObject([{ error: { code: 'CANCELLED' } }]);
  });

  test.each([
    [{ models: [] }, 'models'],
    [{ models: ['a:one', 'a:one'] }, 'models'],
    [{ models: ['a:one'], context: [{ name: '"', text: '' }] }, 'context'],
    [{ models: ['a:one'], concurrency: 0 }, 'concurrency'],
  ])('refuses what cannot be right: %j', async (request, name) => {
    const { gateway } = setUp({ a: play(textAnswer('x')) });
    expect(await failureOf(() => gateway.compare({ prompt: 'Hi', ...request }))).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(`\`${name}\``),
    });
  });
});
