import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../../model/model-request.js';
import { seededRandom } from './hash.js';
import { fitRouter, loadRouter, type RouterExample } from './index.js';

const MODELS = ['one:small', 'two:large'] as const;
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.lorem({ maxCount: 30 }),
  fc.lorem({ maxCount: 5 }).map((words) => words.repeat(300)),
);
const example: fc.Arbitrary<RouterExample> = fc.record({
  request: text,
  model: fc.constantFrom(...MODELS, 'three:odd'),
  success: fc.double({ min: 0, max: 1, noNaN: true }),
  weight: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
});
const examples = fc.array(example, { maxLength: 12 });
/** Few, because each run fits several routers of half a megabyte. */
const runs = { numRuns: 8 };
const same = (a: ReturnType<typeof fitRouter>, b: ReturnType<typeof fitRouter>): void =>
  expect(JSON.stringify(a) === JSON.stringify(b)).toBe(true);

const probability = (router: ReturnType<typeof fitRouter>, prompt: string, model: string): number =>
  router.predict(prompt, [model]).models[0]?.probability ?? Number.NaN;

describe('whatever it learned from', () => {
  test('expects probabilities from 0 to 1, for models in the order asked, with their examples', () => {
    fc.assert(
      fc.property(examples, text, (learned, prompt) => {
        const router = fitRouter(learned);
        const { familiarity, models } = router.predict(prompt, ['no:such', ...MODELS]);
        expect(familiarity).toBeGreaterThanOrEqual(0);
        expect(familiarity).toBeLessThanOrEqual(1);
        expect(models.map(({ model }) => model)).toEqual(['no:such', ...MODELS]);
        for (const { model, probability, baseRate, examples } of models) {
          for (const share of [probability, baseRate]) {
            expect(share).toBeGreaterThan(0);
            expect(share).toBeLessThan(1);
          }
          expect(examples).toBe(learned.filter((one) => one.model === model && one.weight !== 0).length);
        }
      }),
      runs,
    );
  });

  test('predicts the same, and goes on learning the same, after a trip through JSON', () => {
    fc.assert(
      fc.property(examples, example, text, (learned, more, prompt) => {
        const router = fitRouter(learned);
        const restored = loadRouter(JSON.stringify(router));
        expect(restored.predict(prompt, MODELS)).toEqual(router.predict(prompt, MODELS));
        router.update(more);
        restored.update(more);
        expect(restored.predict(prompt, MODELS)).toEqual(router.predict(prompt, MODELS));
        same(restored, router);
      }),
      runs,
    );
  });

  test('learns the same from the same examples and seed', () => {
    fc.assert(
      fc.property(examples, fc.integer(), (learned, seed) => {
        same(fitRouter(learned, { seed }), fitRouter(learned, { seed }));
      }),
      runs,
    );
  });

  test('takes no notice of the order of keys, in examples and in JSON', () => {
    fc.assert(
      fc.property(examples, text, (learned, prompt) => {
        const router = fitRouter(learned);
        const turned = learned.map((one) => Object.fromEntries(Object.entries(one).toReversed()));
        same(fitRouter(turned as unknown as RouterExample[]), router);
        const { models, ...rest } = router.toJSON();
        const json = {
          ...Object.fromEntries(Object.entries(rest).toReversed()),
          models: Object.fromEntries(Object.entries(models).toReversed()),
        };
        expect(loadRouter(json).predict(prompt, MODELS)).toEqual(router.predict(prompt, MODELS));
      }),
      runs,
    );
  });

  test('expects more of a model the more a success of it weighs', () => {
    const weights = fc.tuple(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.lorem({ maxCount: 10 }), weights, (prompt, [a, b]) => {
        const weighing = (weight: number): number => {
          const router = fitRouter([
            { request: prompt, model: 'one:small', success: 0 },
            { request: 'something else', model: 'two:large', success: 1 },
          ]);
          router.update({ request: prompt, model: 'one:small', success: 1, weight });
          return probability(router, prompt, 'one:small');
        };
        expect(weighing(Math.max(a, b))).toBeGreaterThanOrEqual(weighing(Math.min(a, b)));
      }),
      runs,
    );
  });
});

const TOPICS = {
  code: ['function', 'bug', 'compile', 'array', 'loop', 'class', 'stack', 'variable'],
  sums: ['integral', 'fraction', 'divide', 'equation', 'triangle', 'prime', 'root'],
  prose: ['poem', 'story', 'letter', 'rhyme', 'mood', 'novel', 'scene', 'verse'],
};
type Topic = keyof typeof TOPICS;
const FILLER = ['the', 'a', 'of', 'please', 'write', 'me', 'about', 'with', 'and'];

/** Prompts on a topic, in which most words are of that topic. */
const prompter = (
  seed: number,
): { readonly prompt: (topic: Topic) => string; readonly random: () => number } => {
  const random = seededRandom(seed);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const prompt = (topic: Topic): string =>
    Array.from({ length: 12 }, () => pick(random() < 0.6 ? TOPICS[topic] : FILLER)).join(' ');
  return { prompt, random };
};

/** What each model is good at, and how often it succeeds there and elsewhere. */
const world = (skills: Readonly<Record<string, readonly Topic[]>>, seed: number) => {
  const { prompt, random } = prompter(seed);
  const topics = Object.keys(TOPICS) as Topic[];
  const models = Object.keys(skills);
  const draw = () => {
    const topic = topics[Math.floor(random() * topics.length)] ?? 'code';
    const model = models[Math.floor(random() * models.length)] ?? '';
    const truth = skills[model]?.includes(topic) === true ? 0.9 : 0.3;
    return { request: prompt(topic), model, truth, success: random() < truth ? 1 : 0 };
  };
  return { draw: (count: number) => Array.from({ length: count }, draw), prompt };
};

describe('from examples', () => {
  test('learns which model is good at what', () => {
    const { draw, prompt } = world({ 'a:coder': ['code'], 'b:writer': ['prose'] }, 1);
    const router = fitRouter(draw(400));
    expect(probability(router, prompt('code'), 'a:coder')).toBeGreaterThan(0.7);
    expect(probability(router, prompt('code'), 'b:writer')).toBeLessThan(0.5);
    expect(probability(router, prompt('prose'), 'b:writer')).toBeGreaterThan(0.7);
    expect(probability(router, prompt('prose'), 'a:coder')).toBeLessThan(0.5);
  });

  test('tells twelve models apart in the four directions that it has', () => {
    const topics = Object.keys(TOPICS) as Topic[];
    const skills = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`v:m${at}`, topics.filter((_, bit) => ((at + 1) >> bit) & 1)]),
    );
    const { draw } = world(skills, 2);
    const router = fitRouter(draw(3000));
    const asked = draw(500);
    const off = asked.map(({ request, model, truth }) =>
      Math.abs(probability(router, request, model) - truth),
    );
    expect(off.reduce((sum, one) => sum + one, 0) / off.length).toBeLessThan(0.1);
  });

  test('is right as often as it says, on examples that it has not seen', () => {
    const { draw } = world({ 'a:coder': ['code', 'sums'], 'b:writer': ['prose'] }, 3);
    const router = fitRouter(draw(1500));
    const asked = draw(4000).map(({ request, model, success }) => ({
      expected: probability(router, request, model),
      success,
    }));
    const tenths = Map.groupBy(asked, ({ expected }) => Math.floor(expected * 10));
    const mean = (numbers: readonly number[]): number =>
      numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    let judged = 0;
    for (const tenth of tenths.values()) {
      if (tenth.length < 200) continue;
      judged += tenth.length;
      expect(mean(tenth.map(({ expected }) => expected))).toBeCloseTo(
        mean(tenth.map(({ success }) => success)),
        0.7,
      );
    }
    expect(judged).toBeGreaterThan(3000);
  });

  test('learns one example at a time', () => {
    const { draw, prompt } = world({ 'a:coder': ['code'], 'b:writer': ['prose'] }, 4);
    const router = fitRouter([]);
    expect(router.predict(prompt('code'), ['a:coder']).models[0]).toMatchObject({
      baseRate: 0.5,
      examples: 0,
    });
    for (const one of draw(800)) router.update(one);
    expect(router.examples).toBe(800);
    expect(router.models).toEqual(['a:coder', 'b:writer']);
    expect(probability(router, prompt('code'), 'a:coder')).toBeGreaterThan(
      probability(router, prompt('code'), 'b:writer') + 0.3,
    );
  });

  test('goes back to the base rate where it knows no word', () => {
    const { draw, prompt } = world({ 'a:coder': ['code'], 'b:writer': ['prose'] }, 5);
    const router = fitRouter(draw(400));
    const known = router.predict(prompt('code'), ['a:coder']);
    const strange = router.predict('Zwölf Boxkämpfer jagen Viktor quer über', ['a:coder']);
    expect(known.familiarity).toBeGreaterThan(0.9);
    expect(strange.familiarity).toBeLessThan(0.1);
    const [far, near] = [strange.models[0]!, known.models[0]!];
    expect(Math.abs(far.probability - far.baseRate)).toBeLessThan(0.05);
    expect(Math.abs(near.probability - near.baseRate)).toBeGreaterThan(0.2);
  });

  test('expects of a model without examples what it expects of the models together', () => {
    const { draw, prompt } = world({ 'a:coder': ['code'], 'b:coder': ['code'] }, 6);
    const router = fitRouter(draw(600));
    const { models } = router.predict(prompt('code'), ['a:coder', 'b:coder', 'c:new']);
    expect(models[2]?.examples).toBe(0);
    expect(models[2]?.probability).toBeGreaterThan(0.7);
    expect(probability(router, prompt('prose'), 'c:new')).toBeLessThan(0.5);
  });
});

describe('of a request', () => {
  const request = (...messages: ModelRequest['messages']): ModelRequest => ({ model: 'auto', messages });
  const user = (words: string): ModelRequest['messages'][number] => ({
    role: 'user',
    content: [{ type: 'text', text: words }],
  });

  test('reads the newest user message as it reads a prompt', () => {
    const { draw, prompt } = world({ 'a:coder': ['code'], 'b:writer': ['prose'] }, 7);
    const router = fitRouter(draw(300));
    const newest = prompt('code');
    expect(router.predict(request(user(newest)), MODELS)).toEqual(router.predict(newest, MODELS));
    const later = request(
      user(newest),
      { role: 'assistant', content: [{ type: 'text', text: 'Done.' }] },
      user('poem'),
    );
    expect(router.predict(later, ['a:coder']).models[0]?.probability).toBeLessThan(0.5);
  });

  test('sees tools, system prompt and earlier turns', () => {
    const plain = request(user('Go on.'));
    const framed = request(
      { role: 'system', content: 'You are an editor. '.repeat(40) },
      user('Begin.'),
      user('Go on.'),
    );
    const learned = Array.from({ length: 200 }, (_, at) => ({
      request: at % 2 === 0 ? plain : framed,
      model: 'one:small',
      success: at % 2,
    }));
    const router = fitRouter(learned);
    const expected = (of: ModelRequest): number =>
      router.predict(of, ['one:small']).models[0]?.probability ?? 0;
    expect(expected(framed) - expected(plain)).toBeGreaterThan(0.3);
  });

  test.each(['', '   \n', '\u0000', '🙂🙂', '漢字を書く', 'x'.repeat(100_000), '\n'.repeat(50_000)])(
    'reads what is no sentence: %#',
    (odd) => {
      const router = fitRouter([{ request: odd, model: 'one:small', success: 1 }]);
      expect(probability(router, odd, 'one:small')).toBeGreaterThan(0.5);
    },
  );
});
