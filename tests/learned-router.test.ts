import { fitRouter } from '@millrace/core/routing';
import { describe, expect, test } from 'vitest';
import { type Judged, loadSets } from '../bench/src/router/data.ts';
import { estimate } from '../bench/src/router/resample.ts';
import { fittedScores } from '../bench/src/router/routers.ts';

const sets = loadSets();

describe.skipIf(sets === undefined)('on public data (left out where ../shared/data is not there)', () => {
  const prompts = sets?.GSM8K ?? [];
  const half = (odd: number): readonly Judged[] => prompts.filter((_, at) => at % 2 === odd);

  test('what was learned from one half of the prompts is better than chance on the other', () => {
    const { low } = estimate(half(1), [fittedScores(half(0), half(1), 1)], 200);
    expect(low).toBeGreaterThan(0.5);
  });

  test('a probability is about how often the model is right', () => {
    const router = fitRouter(
      half(0).flatMap(({ text, weak, strong }) => [
        { request: text, model: 'a:weak', success: weak },
        { request: text, model: 'a:strong', success: strong },
      ]),
    );
    const asked = half(1).flatMap(({ text, weak, strong }) => {
      const [first, second] = router.predict(text, ['a:weak', 'a:strong']).models;
      return [
        { expected: first?.probability ?? 0, success: weak },
        { expected: second?.probability ?? 0, success: strong },
      ];
    });
    asked.sort((a, b) => a.expected - b.expected);
    let off = 0;
    for (let tenth = 0; tenth < 10; tenth++) {
      const part = asked.slice((tenth * asked.length) / 10, ((tenth + 1) * asked.length) / 10);
      off += Math.abs(part.reduce((sum, { expected, success }) => sum + expected - success, 0));
    }
    expect(off / asked.length).toBeLessThan(0.05);
  });
});
