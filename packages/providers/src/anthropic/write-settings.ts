import type { JsonObject, JsonValue, ModelRequest, ReasoningEffort } from '@millrace/core/model';
import type { LossReport } from '../transport/index.js';
import type { AnthropicTraits } from './model-traits.js';

/** Tokens to think with, for models that are given a budget. The vendor takes no less than 1,024. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};
/** What is left for the answer itself when a budget has to be cut. */
const LEAST_ANSWER = 1_024;

/** Settings of the body. */
export interface WrittenSettings {
  readonly max_tokens: number;
  readonly thinking?: JsonObject | undefined;
  readonly effort?: string | undefined;
  readonly sampling: Readonly<Record<string, JsonValue>>;
  /** The model will think before it answers. */
  readonly thinks: boolean;
}

/** Write limits, thinking and sampling for one model; what it would refuse is left out with a warning. */
export const writeSettings = (
  request: ModelRequest,
  own: JsonObject,
  traits: AnthropicTraits,
  warnings: LossReport,
): WrittenSettings => {
  const { thinking, effort } =
    own['thinking'] === undefined
      ? writeThinking(request, traits, warnings)
      : { thinking: own['thinking'] as JsonObject, effort: undefined };
  const budget = Number(thinking?.['budget_tokens'] ?? 0);
  const kind = thinking?.['type'];
  const thinks =
    kind === 'enabled' || kind === 'adaptive' || (!traits.canDisableThinking && kind !== 'disabled');
  return {
    ...limitOutput(request, traits, budget, warnings),
    thinking,
    effort: typeof own['effort'] === 'string' ? own['effort'] : effort,
    sampling: writeSampling(request, traits, kind === 'enabled' || kind === 'adaptive', warnings),
    thinks,
  };
};

const limitOutput = (
  { maxOutputTokens, model }: ModelRequest,
  traits: AnthropicTraits,
  budget: number,
  warnings: LossReport,
): { readonly max_tokens: number } => {
  const wanted = maxOutputTokens === undefined ? traits.maxOutputTokens : maxOutputTokens + budget;
  if (wanted <= traits.maxOutputTokens || traits.maxOutputTokens === 4_096) return { max_tokens: wanted };
  warnings.add(
    'compatibility',
    'maxOutputTokens',
    `${model} writes at most ${traits.maxOutputTokens} tokens, thinking included; that was asked for.`,
  );
  return { max_tokens: traits.maxOutputTokens };
};

const writeThinking = (
  { reasoning, model, maxOutputTokens }: ModelRequest,
  traits: AnthropicTraits,
  warnings: LossReport,
): { readonly thinking?: JsonObject; readonly effort?: string } => {
  if (reasoning === undefined) return {};
  if (traits.thinking === 'none') {
    if (reasoning !== 'none')
      warnings.add('unsupported', 'reasoning', `${model} does not think; the setting was left out.`);
    return {};
  }
  if (reasoning === 'none') {
    // Some models think unless they are told not to.
    if (traits.canDisableThinking) return { thinking: { type: 'disabled' } };
    warnings.add('compatibility', 'reasoning', `${model} always thinks; the least effort was asked for.`);
    return { effort: 'low' };
  }
  if (traits.thinking === 'adaptive') {
    return {
      thinking: { type: 'adaptive', display: 'summarized' },
      effort: effortOf(reasoning, model, traits, warnings),
    };
  }
  const room = (maxOutputTokens ?? traits.maxOutputTokens) - LEAST_ANSWER;
  const most = maxOutputTokens === undefined ? room : traits.maxOutputTokens - LEAST_ANSWER;
  const budget = Math.max(1_024, Math.min(BUDGETS[reasoning], most));
  return { thinking: { type: 'enabled', budget_tokens: budget } };
};

const effortOf = (
  wanted: Exclude<ReasoningEffort, 'none'>,
  model: string,
  { xhighEffort }: AnthropicTraits,
  warnings: LossReport,
): string => {
  const nearest = wanted === 'minimal' ? 'low' : wanted === 'xhigh' && !xhighEffort ? 'high' : wanted;
  if (nearest !== wanted)
    warnings.add(
      'compatibility',
      'reasoning',
      `${model} does not take the effort ${wanted}; ${nearest} was used.`,
    );
  return nearest;
};

const writeSampling = (
  request: ModelRequest,
  traits: AnthropicTraits,
  thinking: boolean,
  warnings: LossReport,
): Record<string, JsonValue> => {
  const { model, temperature, topP, topK } = request;
  for (const feature of ['presencePenalty', 'frequencyPenalty', 'seed'] as const) {
    if (request[feature] !== undefined)
      warnings.add('unsupported', feature, 'The vendor has no such setting; it was left out.');
  }
  const given = { temperature, top_p: topP, top_k: topK };
  const names = Object.keys(given).filter((name) => given[name as keyof typeof given] !== undefined);
  if (names.length === 0) return {};
  if (!traits.sampling || thinking) {
    const why = traits.sampling ? 'while it thinks' : 'at all';
    for (const name of names)
      warnings.add('unsupported', name, `${model} does not take it ${why}; it was left out.`);
    return {};
  }
  if (temperature !== undefined && topP !== undefined)
    warnings.add('unsupported', 'top_p', 'The vendor takes either temperature or top_p; top_p was left out.');
  if (temperature !== undefined && temperature > 1)
    warnings.add('compatibility', 'temperature', 'The vendor takes 0 to 1; 1 was used.');
  return {
    ...(temperature !== undefined && { temperature: Math.min(1, Math.max(0, temperature)) }),
    ...(topP !== undefined && temperature === undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  };
};
