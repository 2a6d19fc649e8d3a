import { describe, expect, test } from 'vitest';
import { openaiModelTraits } from './model-traits.js';
import { OPENAI_MODELS } from './models.js';

describe.each(OPENAI_MODELS)('$id', ({ id, price, contextWindow, maxOutputTokens, asOf, capabilities }) => {
  test('has facts that can be true', () => {
    expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(maxOutputTokens).toBeLessThanOrEqual(contextWindow ?? 0);
    for (const rate of price === undefined
      ? []
      : [price, ...(price.longContext === undefined ? [] : [price.longContext])]) {
      expect(rate.input).toBeGreaterThan(0);
      expect(rate.output).toBeGreaterThanOrEqual(rate.input);
      expect(rate.cacheRead ?? 0).toBeLessThanOrEqual(rate.input);
      expect(rate.cacheWrite ?? rate.input).toBeGreaterThanOrEqual(rate.input);
    }
  });

  test('reasons in the list as it does by its family', () => {
    expect(openaiModelTraits(id)?.reasoning).toBe(capabilities?.reasoning);
  });
});

test('no name stands for two models, and every tier has one', () => {
  const names = OPENAI_MODELS.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(OPENAI_MODELS.flatMap(({ tier }) => tier ?? []))).toEqual(
    new Set(['economy', 'standard', 'premium']),
  );
});

test('a family that is not known has no traits, so that nothing is held back', () => {
  expect(openaiModelTraits('some-new-model')).toBeUndefined();
  expect(openaiModelTraits('gpt-5-chat-latest')?.reasoning).toBe(false);
});
