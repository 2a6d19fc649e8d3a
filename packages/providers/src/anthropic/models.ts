import type { ModelInfo, ModelTier } from '@millrace/core/provider';

/** The day on which these facts were read from platform.claude.com/docs (models, pricing). */
const AS_OF = '2026-11-20';

interface Facts {
  readonly tier: ModelTier;
  /** US dollars per million tokens: input, output, cache read. A cache write of 5 minutes costs 1.25 times the input. */
  readonly price: readonly [input: number, output: number, cacheRead: number];
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly aliases?: readonly string[];
  readonly longContext?: { readonly aboveInputTokens: number; readonly factor: number };
}

/** What a cache write costs over plain input, when it is kept for five minutes. */
const CACHE_WRITE = 1.25;

const model = (id: string, facts: Facts): ModelInfo => {
  const { tier, contextWindow, maxOutputTokens, aliases, longContext } = facts;
  const [input, output, cacheRead] = facts.price;
  const price = (factor: number) => ({
    input: input * factor,
    output: output * factor,
    cacheRead: cacheRead * factor,
    cacheWrite: input * factor * CACHE_WRITE,
  });
  return {
    id,
    ...(aliases !== undefined && { aliases }),
    tier,
    price: {
      ...price(1),
      ...(longContext !== undefined && {
        longContext: { aboveInputTokens: longContext.aboveInputTokens, ...price(longContext.factor) },
      }),
    },
    contextWindow,
    maxOutputTokens,
    capabilities: { tools: true, vision: true, json: 'schema', reasoning: true },
    asOf: AS_OF,
  };
};

const LARGE = { contextWindow: 1_000_000, maxOutputTokens: 128_000 } as const;
const CLASSIC = { contextWindow: 200_000, maxOutputTokens: 64_000 } as const;

/** Anthropic's models, newest first. A model that is not listed can be called all the same, at an unknown price. */
export const ANTHROPIC_MODELS: readonly ModelInfo[] = [
  model('claude-fable-5-1', { ...LARGE, tier: 'premium', price: [10, 50, 0.25] }),
  model('claude-opus-5-5', { ...LARGE, tier: 'premium', price: [4, 20, 0.2] }),
  model('claude-sonnet-5-5', { ...LARGE, tier: 'standard', price: [2, 10, 0.1] }),
  model('claude-haiku-5-5', {
    ...LARGE,
    tier: 'economy',
    price: [0.1, 0.5, 0.01],
    longContext: { aboveInputTokens: 100_000, factor: 5 },
  }),
  model('claude-fable-5', { ...LARGE, tier: 'premium', price: [10, 50, 1] }),
  model('claude-opus-5', { ...LARGE, tier: 'premium', price: [5, 25, 0.5] }),
  model('claude-sonnet-5', { ...LARGE, tier: 'standard', price: [2, 10, 0.2] }),
  model('claude-opus-4-8', { ...LARGE, tier: 'premium', price: [5, 25, 0.5] }),
  model('claude-opus-4-7', { ...LARGE, tier: 'premium', price: [5, 25, 0.5] }),
  model('claude-opus-4-6', { ...LARGE, tier: 'premium', price: [5, 25, 0.5] }),
  model('claude-sonnet-4-6', { ...LARGE, tier: 'standard', price: [3, 15, 0.3] }),
  model('claude-opus-4-5', {
    ...CLASSIC,
    tier: 'premium',
    price: [5, 25, 0.5],
    aliases: ['claude-opus-4-5-20251101'],
  }),
  model('claude-sonnet-4-5', {
    ...CLASSIC,
    tier: 'standard',
    price: [3, 15, 0.3],
    aliases: ['claude-sonnet-4-5-20250929'],
  }),
  model('claude-haiku-4-5', {
    ...CLASSIC,
    tier: 'economy',
    price: [1, 5, 0.1],
    aliases: ['claude-haiku-4-5-20251001'],
  }),
];
