import type { ModelInfo, ModelTier, Price } from '@millrace/core/provider';

/** The day on which these facts were read from ai.google.dev/gemini-api/docs (models, pricing). */
const AS_OF = '2026-11-20';

const model = (id: string, tier: ModelTier, price?: Price): ModelInfo => ({
  id,
  tier,
  ...(price !== undefined && { price }),
  contextWindow: 1_048_576,
  maxOutputTokens: 65_536,
  capabilities: { tools: true, vision: true, json: 'schema', reasoning: true },
  asOf: AS_OF,
});

/** Prices of prompts up to 200,000 tokens, and beyond. */
const pro = (short: readonly [number, number, number], long: readonly [number, number, number]): Price => ({
  input: short[0],
  output: short[1],
  cacheRead: short[2],
  longContext: { aboveInputTokens: 200_000, input: long[0], output: long[1], cacheRead: long[2] },
});

/**
 * Google's models, newest first. One whose price could not be read has none; a model that is not listed can be called
 * all the same, at an unknown price.
 */
export const GOOGLE_MODELS: readonly ModelInfo[] = [
  // Until the end of 2026; twice as much after it.
  model('gemini-3.8-flash', 'standard', { input: 0.75, output: 3.75, cacheRead: 0.075 }),
  model('gemini-3.7-flash', 'standard'),
  model('gemini-3.6-flash', 'standard'),
  model('gemini-3.5-flash', 'standard'),
  model('gemini-3.5-flash-lite', 'economy'),
  model('gemini-3.1-pro-preview', 'premium', pro([2, 12, 0.2], [4, 18, 0.4])),
  model('gemini-3-pro-preview', 'premium', pro([2, 12, 0.2], [4, 18, 0.4])),
  model('gemini-3-flash-preview', 'standard', { input: 0.5, output: 3, cacheRead: 0.05 }),
  model('gemini-2.5-pro', 'premium', pro([1.25, 10, 0.125], [2.5, 15, 0.25])),
  model('gemini-2.5-flash', 'standard', { input: 0.3, output: 2.5, cacheRead: 0.03 }),
  model('gemini-2.5-flash-lite', 'economy', { input: 0.1, output: 0.4, cacheRead: 0.01 }),
];

/** Models that make vectors. */
export const GOOGLE_EMBEDDING_MODELS: readonly ModelInfo[] = [
  { id: 'gemini-embedding-001', price: { input: 0.15, output: 0 }, contextWindow: 2_048, asOf: AS_OF },
];
