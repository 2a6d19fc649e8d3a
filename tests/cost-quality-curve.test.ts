import { expect, test } from 'vitest';
import { curveFigures } from '../bench/src/router/curve.ts';
import { groupNearDuplicates } from '../bench/src/router/near-duplicates.ts';
import { foldedScores } from '../bench/src/router/routers.ts';

const curve = (scores: readonly number[], weak: readonly number[], strong: readonly number[]) =>
  curveFigures({
    scores: Float64Array.from(scores),
    weak: Float64Array.from(weak),
    strong: Float64Array.from(strong),
  });

test('the figures are those that NumPy gives, also where the curve falls in between', () => {
  const { apgr, cpt50, cpt80 } = curve(
    [0.1, 0.2, 0.25, 0.4, 0.45, 0.5, 0.6, 0.62, 0.7, 0.8, 0.9, 0.95],
    [1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0],
    [1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1],
  );
  expect(apgr).toBeCloseTo(11 / 18, 10);
  expect(cpt50).toBeCloseTo(12.5, 10);
  expect(cpt80).toBeCloseTo(90, 10);
});

test('a router that says the same of everything is as good as chance', () => {
  const weak = Array.from({ length: 40 }, (_, at) => at % 2);
  expect(curve(new Array<number>(40).fill(1), weak, new Array<number>(40).fill(1))).toEqual({
    apgr: expect.closeTo(0.5, 10),
    cpt50: expect.closeTo(50, 10),
    cpt80: expect.closeTo(80, 10),
  });
});

test('a router that knows the answers recovers the gap with the calls that need the strong model', () => {
  const weak = Array.from({ length: 40 }, (_, at) => (at < 20 ? 1 : 0));
  const scores = weak.map((right, at) => 100 * (1 - right) + at);
  const { apgr, cpt50 } = curve(scores, weak, new Array<number>(40).fill(1));
  expect(apgr).toBeCloseTo(0.75, 10);
  expect(cpt50).toBeCloseTo(25, 10);
});

test('near-duplicates are in one group, other prompts are not', () => {
  const story = (name: string, price: number): string =>
    `${name} buys three boxes of pencils at the corner shop for ${price} dollars each and gives one box to a friend. How much did the pencils that are left cost?`;
  const groups = groupNearDuplicates([
    story('Ann', 4),
    'Write a poem about the sea.',
    story('BOB', 17),
    'Write a function that sorts a list of numbers.',
  ]);
  expect(groups[0]).toBe(groups[2]);
  expect(new Set(groups).size).toBe(3);
});

test('a prompt is never scored by a router that has seen its group', () => {
  // Each group has a word of its own that says everything; a router that has not seen the group cannot know it.
  const prompts = Array.from({ length: 120 }, (_, at) => {
    const group = at % 12;
    return { text: `word${'abcdefghijkl'[group]}word`, weak: group % 2, strong: 1 - (group % 2), group };
  });
  const spread = (groups: readonly number[]): number => {
    const scores = foldedScores(prompts, groups, 6, 1);
    const mean = (odd: number): number => {
      const own = scores.filter((_, at) => (prompts[at]?.group ?? 0) % 2 === odd);
      return own.reduce((sum, score) => sum + score, 0) / own.length;
    };
    return mean(0) - mean(1);
  };
  expect(spread(prompts.map((_, at) => at))).toBeGreaterThan(0.3);
  expect(spread(prompts.map(({ group }) => group))).toBeLessThan(0.1);
});
