import { describe, expect, test } from 'vitest';
import { fitRouter, loadRouter, type RouterExample } from './index.js';

const good: RouterExample = { request: 'Sort a list.', model: 'openai:gpt-4o', success: 1 };

describe('an example that is not well formed', () => {
  test.each([
    [{ model: 'gpt-4o' }, /model must be written provider:model; it is "gpt-4o"/],
    [{ model: 'openai:' }, /model must be written/],
    [{ success: 5 }, /success must be a number from 0 to 1; it is 5/],
    [{ success: Number.NaN }, /success must be/],
    [{ weight: -1 }, /weight must be a number from 0 to 100; it is -1/],
    [{ weight: Number.POSITIVE_INFINITY }, /weight must be/],
  ])('is refused with what to change: %j', (change, message) => {
    const bad = { ...good, ...change };
    expect(() => fitRouter([good, bad])).toThrow(message);
    expect(() => fitRouter([good, bad])).toThrow(/^examples\[1\]/);
    expect(() => fitRouter([good]).update(bad)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test('changes nothing', () => {
    const router = fitRouter([good]);
    const before = router.toJSON();
    expect(() => router.update({ ...good, success: 2 })).toThrow();
    expect(router.toJSON()).toEqual(before);
  });
});

test.each([{ seed: 1.5 }, { rank: 1 }, { rank: 17 }, { rank: 2.5 }])(
  'the options %j are refused',
  (options) => {
    expect(() => fitRouter([good], options)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  },
);

describe('a saved router that is not one', () => {
  const saved = () => fitRouter([good]).toJSON();
  const model = () => saved().models['openai:gpt-4o'];

  test.each<[string, () => unknown, string | undefined]>([
    ['no JSON', () => '{', undefined],
    ['null', () => null, 'the router'],
    ['a list', () => [], 'the router'],
    ['something else', () => ({ hello: 1 }), 'format'],
    ['a later version', () => ({ ...saved(), version: 2 }), 'version'],
    ['a rank that does not fit the weights', () => ({ ...saved(), rank: 5 }), 'weights'],
    ['no rank', () => ({ ...saved(), rank: undefined }), 'rank'],
    ['weights that are cut short', () => ({ ...saved(), weights: saved().weights.slice(0, 400) }), 'weights'],
    ['weights that are no base64', () => ({ ...saved(), weights: '%%%' }), 'weights'],
    ['pace that is no text', () => ({ ...saved(), pace: 7 }), 'pace'],
    ['words of another size', () => ({ ...saved(), words: 'AAAA' }), 'words'],
    [
      'weights that are no numbers',
      () => ({ ...saved(), weights: `AADAfwAA${saved().weights.slice(8)}` }),
      'weights',
    ],
    [
      'a calibration beyond sense',
      () => ({ ...saved(), calibration: { ...saved().calibration, familiar: 0 } }),
      'calibration.familiar',
    ],
    ['a model without a provider', () => ({ ...saved(), models: { gpt: model() } }), 'models["gpt"]'],
    [
      'more successes than examples',
      () => ({ ...saved(), models: { 'a:b': { ...model(), successes: 9 } } }),
      'models["a:b"].successes',
    ],
    [
      'too few factors',
      () => ({ ...saved(), models: { 'a:b': { ...model(), factors: [1] } } }),
      'models["a:b"].factors',
    ],
  ])('is refused: %s', (_, json, key) => {
    const act = (): unknown => loadRouter(json());
    expect(act).toThrow(/^A saved router cannot be read: /);
    expect(act).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', key }));
  });

  test('is not taken along by its prototype', () => {
    const json = JSON.stringify(saved()).replace('"openai:gpt-4o"', '"__proto__"');
    expect(() => loadRouter(json)).toThrow(/models\["__proto__"\]/);
  });
});

test('a saved router of 200 models is smaller than a megabyte', () => {
  const examples = Array.from({ length: 400 }, (_, at) => ({
    request: `Prompt ${at} about topic ${at % 17} and word${at}`,
    model: `vendor:model-${at % 200}`,
    success: at % 2,
  }));
  expect(JSON.stringify(fitRouter(examples)).length).toBeLessThan(1_000_000);
});
