import { createRegistry, type ModelInfo } from '@millrace/core/provider';
import { describe, expect, test } from 'vitest';
import { anthropic } from './anthropic/index.js';
import { anthropicTraits } from './anthropic/model-traits.js';
import { ANTHROPIC_MODELS } from './anthropic/models.js';
import { google } from './google/index.js';
import { openai } from './openai/index.js';
import { openaiPreset, PRESETS, type PresetName } from './openai-compatible/presets.js';

const providers = [
  openai(),
  anthropic(),
  google(),
  ...(Object.keys(PRESETS) as PresetName[]).map((name) => openaiPreset(name)),
];
const listed = providers.filter(({ models }) => models.length > 0);
const named = ({ id, aliases = [] }: ModelInfo): readonly string[] => [id, ...aliases];

describe.each(listed)('the models of $id', ({ id, models, embeddingModels = [] }) => {
  test('no name stands for two models', () => {
    const names = [...models, ...embeddingModels].flatMap(named);
    expect(new Set(names).size).toBe(names.length);
  });

  test('each has a dated price, and limits that can be true', () => {
    for (const { id: model, price, asOf, contextWindow = 0, maxOutputTokens, capabilities } of models) {
      expect(price, model).toBeDefined();
      expect(asOf, model).toMatch(/^2026-\d{2}-\d{2}$/);
      expect(contextWindow, model).toBeGreaterThanOrEqual(100_000);
      expect(maxOutputTokens ?? 1, model).toBeLessThanOrEqual(contextWindow);
      expect(capabilities?.tools, model).toBeDefined();
    }
    for (const { id: model, price } of embeddingModels) expect(price?.output, model).toBe(0);
  });

  test('each price is in proportion', () => {
    for (const { id: model, price } of models) {
      if (price === undefined) continue;
      const { batch, longContext, webSearch: _, ...usual } = price;
      for (const rate of [usual, ...(longContext ? [longContext] : []), ...(batch ? [batch] : [])]) {
        expect(rate.input, model).toBeGreaterThan(0);
        expect(rate.output, model).toBeGreaterThanOrEqual(rate.input);
        expect(rate.cacheRead ?? 0, model).toBeLessThanOrEqual(rate.input);
        expect(rate.cacheWrite ?? rate.input, model).toBeGreaterThanOrEqual(rate.input);
        expect(rate.cacheWriteLong ?? Number.POSITIVE_INFINITY, model).toBeGreaterThanOrEqual(
          rate.cacheWrite ?? rate.input,
        );
        expect(rate.inputAudio ?? rate.input, model).toBeGreaterThanOrEqual(rate.input);
      }
      expect(longContext?.input ?? usual.input, model).toBeGreaterThanOrEqual(usual.input);
      if (batch !== undefined) expect(batch.input, model).toBeLessThan(usual.input);
    }
  });

  test.runIf(['openai', 'anthropic', 'google'].includes(id))(
    'every tier has one, and batches a price',
    () => {
      expect(new Set(models.flatMap(({ tier }) => tier ?? []))).toEqual(
        new Set(['economy', 'standard', 'premium']),
      );
      for (const { id: model, price } of models) expect(price?.batch, model).toBeDefined();
    },
  );
});

test('all of them are accepted by one registry', () => {
  const registry = createRegistry({ providers });
  expect(registry.models().length).toBe(listed.flatMap(({ models }) => models).length);
});

test('Anthropic answers as long as its list says', () => {
  for (const { id, maxOutputTokens } of ANTHROPIC_MODELS)
    expect(anthropicTraits(id).maxOutputTokens, id).toBe(maxOutputTokens);
});
