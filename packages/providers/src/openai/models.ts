// Data: OpenAI's models that answer chat completions. Prices in US dollars per one million tokens, standard tier, from
// the vendor's price list (developers.openai.com/api/docs/pricing) as reported by several sources, read 2026-11-20.
// Cache writes are charged from the 5.6 family on, at one and a quarter times the input.
import type { ModelInfo, ModelTier, Price } from '@millrace/core/provider';

const AS_OF = '2026-11-20';
/** Past this many input tokens the whole call is charged at twice the input and one and a half times the output price. */
const LONG_CONTEXT = 272_000;

interface Facts {
  readonly tier: ModelTier;
  /** Input, output and cached input; written input where it is charged. */
  readonly price?: readonly [input: number, output: number, cacheRead?: number, cacheWrite?: number];
  readonly longContextPrice?: true;
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly reasoning: boolean;
  readonly vision?: false;
  readonly json?: 'object';
  readonly snapshots?: readonly string[];
}

const toPrice = ({ price, longContextPrice }: Facts): Price | undefined => {
  if (price === undefined) return undefined;
  const [input, output, cacheRead, cacheWrite] = price;
  const double = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : value * 2;
  const longContext = {
    aboveInputTokens: LONG_CONTEXT,
    input: input * 2,
    output: output * 1.5,
    cacheRead: double(cacheRead),
    cacheWrite: double(cacheWrite),
  };
  return { input, output, cacheRead, cacheWrite, ...(longContextPrice === true && { longContext }) };
};

const model = (id: string, facts: Facts): ModelInfo => ({
  id,
  aliases: (facts.snapshots ?? []).map((snapshot) => `${id}-${snapshot}`),
  tier: facts.tier,
  price: toPrice(facts),
  contextWindow: facts.contextWindow,
  maxOutputTokens: facts.maxOutputTokens,
  capabilities: {
    tools: true,
    vision: facts.vision ?? true,
    json: facts.json ?? 'schema',
    reasoning: facts.reasoning,
  },
  asOf: AS_OF,
});

const MILLION = {
  contextWindow: 1_050_000,
  maxOutputTokens: 128_000,
  reasoning: true,
  longContextPrice: true,
} as const;
const GPT_5 = { contextWindow: 400_000, maxOutputTokens: 128_000, reasoning: true } as const;
const GPT_4_1 = { contextWindow: 1_047_576, maxOutputTokens: 32_768, reasoning: false } as const;
const GPT_4O = { contextWindow: 128_000, maxOutputTokens: 16_384, reasoning: false } as const;
const O_SERIES = { contextWindow: 200_000, maxOutputTokens: 100_000, reasoning: true } as const;

/** OpenAI's models, newest family first. A model that is not listed can be called all the same, at an unknown price. */
export const OPENAI_MODELS: readonly ModelInfo[] = [
  model('gpt-6.1-sol', { ...MILLION, tier: 'standard', price: [2, 10, 0.1, 2.5] }),
  model('gpt-6.1-terra', { ...MILLION, tier: 'standard', price: [1, 5, 0.05, 1.25] }),
  model('gpt-6-astra', { ...MILLION, tier: 'premium', price: [10, 50, 1, 12.5] }),
  model('gpt-6-sol', { ...MILLION, tier: 'standard', price: [2, 10, 0.2, 2.5] }),
  model('gpt-6-luna', { ...MILLION, tier: 'economy', price: [0.1, 0.5, 0.01, 0.125] }),
  model('gpt-5.6-sol', { ...MILLION, tier: 'premium', price: [4, 20, 0.4, 5] }),
  model('gpt-5.6-terra', { ...MILLION, tier: 'standard', price: [2, 12, 0.2, 2.5] }),
  model('gpt-5.6-luna', { ...MILLION, tier: 'economy', price: [0.2, 1.2, 0.02, 0.25] }),
  model('gpt-5.5', { ...MILLION, tier: 'premium', price: [5, 30, 0.5] }),
  model('gpt-5.4', { ...MILLION, tier: 'premium', price: [2.5, 15, 0.25] }),
  model('gpt-5.4-mini', { ...GPT_5, tier: 'standard', price: [0.75, 4.5, 0.075], snapshots: ['2026-03-17'] }),
  model('gpt-5.4-nano', { ...GPT_5, tier: 'economy', price: [0.2, 1.25, 0.02] }),
  model('gpt-5.2', { ...GPT_5, tier: 'premium', price: [1.75, 14, 0.175] }),
  model('gpt-5.1', { ...GPT_5, tier: 'premium', price: [1.25, 10, 0.125] }),
  model('gpt-5', { ...GPT_5, tier: 'premium', price: [1.25, 10, 0.125], snapshots: ['2025-08-07'] }),
  model('gpt-5-mini', { ...GPT_5, tier: 'standard', price: [0.25, 2, 0.025], snapshots: ['2025-08-07'] }),
  model('gpt-5-nano', { ...GPT_5, tier: 'economy', price: [0.05, 0.4, 0.005], snapshots: ['2025-08-07'] }),
  model('gpt-4.1', { ...GPT_4_1, tier: 'premium', price: [2, 8, 0.5], snapshots: ['2025-04-14'] }),
  model('gpt-4.1-mini', { ...GPT_4_1, tier: 'standard', price: [0.4, 1.6, 0.1], snapshots: ['2025-04-14'] }),
  model('gpt-4.1-nano', { ...GPT_4_1, tier: 'economy', price: [0.1, 0.4, 0.025], snapshots: ['2025-04-14'] }),
  // The first snapshot had a price of its own, so it is an entry of its own.
  model('gpt-4o', {
    ...GPT_4O,
    tier: 'premium',
    price: [2.5, 10, 1.25],
    snapshots: ['2024-08-06', '2024-11-20'],
  }),
  model('gpt-4o-2024-05-13', {
    ...GPT_4O,
    tier: 'premium',
    price: [5, 15],
    maxOutputTokens: 4_096,
    json: 'object',
  }),
  model('gpt-4o-mini', { ...GPT_4O, tier: 'economy', price: [0.15, 0.6, 0.075], snapshots: ['2024-07-18'] }),
  model('o3', { ...O_SERIES, tier: 'premium', price: [2, 8, 0.5], snapshots: ['2025-04-16'] }),
  model('o3-mini', {
    ...O_SERIES,
    tier: 'standard',
    price: [1.1, 4.4, 0.55],
    vision: false,
    snapshots: ['2025-01-31'],
  }),
  model('o4-mini', { ...O_SERIES, tier: 'standard', price: [1.1, 4.4, 0.275], snapshots: ['2025-04-16'] }),
  model('o1', { ...O_SERIES, tier: 'premium', price: [15, 60, 7.5], snapshots: ['2024-12-17'] }),
];

/** Models that make vectors. Prices from the same list. */
export const OPENAI_EMBEDDING_MODELS: readonly ModelInfo[] = [
  { id: 'text-embedding-3-small', price: { input: 0.02, output: 0 }, contextWindow: 8_192, asOf: AS_OF },
  { id: 'text-embedding-3-large', price: { input: 0.13, output: 0 }, contextWindow: 8_192, asOf: AS_OF },
  { id: 'text-embedding-ada-002', price: { input: 0.1, output: 0 }, contextWindow: 8_192, asOf: AS_OF },
];
