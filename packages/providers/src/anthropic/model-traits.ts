/** What one model accepts on the Messages endpoint. */
export interface AnthropicTraits {
  /** Most tokens of one answer. */
  readonly maxOutputTokens: number;
  /** How it thinks: not at all, within a budget of tokens, or as much as it sees fit. */
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** Thinking can be switched off. */
  readonly canDisableThinking: boolean;
  /** It can be switched off also when the effort is above `high`. */
  readonly canDisableAboveHigh: boolean;
  readonly xhighEffort: boolean;
  /** Takes temperature, top_p and top_k. */
  readonly sampling: boolean;
  /** Can be made to call a tool. */
  readonly forcedTool: boolean;
  /** Holds its answer to a schema by itself. */
  readonly nativeSchema: boolean;
}

const unknown: AnthropicTraits = {
  maxOutputTokens: 4_096,
  thinking: 'none',
  canDisableThinking: true,
  canDisableAboveHigh: true,
  xhighEffort: false,
  sampling: true,
  forcedTool: true,
  nativeSchema: false,
};
const budget: AnthropicTraits = { ...unknown, thinking: 'budget' };
const native: AnthropicTraits = { ...budget, nativeSchema: true };
const adaptive: AnthropicTraits = { ...native, thinking: 'adaptive', maxOutputTokens: 128_000 };
const modern: AnthropicTraits = { ...adaptive, sampling: false, xhighEffort: true };
const alwaysThinking: AnthropicTraits = {
  ...modern,
  canDisableThinking: false,
  canDisableAboveHigh: false,
  forcedTool: false,
};

/** By the beginning of the id, the more precise first. Facts of Anthropic's model pages, read 2026-11-20. */
const FAMILIES: readonly (readonly [RegExp, AnthropicTraits])[] = [
  [/^claude-(?:sonnet|opus)-5-5/, alwaysThinking],
  [/^claude-haiku-5-5/, { ...modern, canDisableAboveHigh: false }],
  [/^claude-opus-5/, { ...modern, canDisableAboveHigh: false }],
  [/^claude-(?:fable|mythos)-5-[12]/, alwaysThinking],
  [/^claude-(?:fable|mythos)-5/, { ...alwaysThinking, forcedTool: true }],
  [/^claude-(?:opus-4-[78]|sonnet-5)/, modern],
  [/^claude-(?:sonnet|opus)-4-6/, adaptive],
  [/^claude-(?:sonnet|opus|haiku)-4-5/, { ...native, maxOutputTokens: 64_000 }],
  [/^claude-opus-4-1/, { ...native, maxOutputTokens: 32_000 }],
  [/^claude-sonnet-4/, { ...budget, maxOutputTokens: 64_000 }],
  [/^claude-opus-4/, { ...budget, maxOutputTokens: 32_000 }],
  [/^claude-3-7/, { ...budget, maxOutputTokens: 64_000 }],
  [/^claude-3-5/, { ...unknown, maxOutputTokens: 8_192 }],
];

/** What is known of a model. One that is not known gets the least that every model takes. */
export const anthropicTraits = (model: string): AnthropicTraits =>
  FAMILIES.find(([shape]) => shape.test(model))?.[1] ?? unknown;
