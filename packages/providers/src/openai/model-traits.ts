import type { ModelTraits } from '../openai-chat/index.js';

const O_SERIES = /^o(\d+)(?:-|$)/;
const GPT = /^gpt-(\d+)(?:\.(\d+))?(?:-(.+))?$/;
const GPT_4 = /^(?:gpt-4o|gpt-4\.1|gpt-4|gpt-3\.5|chatgpt-4o)(?:-|$)/;

/**
 * What an OpenAI model takes on chat completions, by its family. The rules are those of the vendor's guides on
 * reasoning models and on the compatibility of parameters, read on 2026-11-20.
 *
 * @returns `undefined` for a family that is not known: nothing is then held back.
 */
export const openaiModelTraits = (model: string): ModelTraits | undefined => {
  const series = O_SERIES.exec(model)?.[1];
  if (series !== undefined) return oSeries(Number(series));
  const gpt = GPT.exec(model);
  if (gpt !== null && Number(gpt[1]) >= 5)
    return gpt5AndLater(Number(gpt[1]), Number(gpt[2] ?? 0), gpt[3] ?? '');
  return GPT_4.test(model) ? withoutReasoning(model) : undefined;
};

const NOT_REASONING: ModelTraits = {
  reasoning: false,
  samplingWithoutReasoning: true,
  toolsNeedNoReasoning: false,
  efforts: [],
  flexTier: false,
  priorityTier: true,
  cacheRetention: true,
  noTemperature: false,
};

const withoutReasoning = (model: string): ModelTraits => ({
  ...NOT_REASONING,
  priorityTier: model.startsWith('gpt-4'),
  noTemperature: /-search-preview/.test(model),
});

const oSeries = (version: number): ModelTraits => ({
  ...NOT_REASONING,
  reasoning: true,
  samplingWithoutReasoning: false,
  efforts: ['low', 'medium', 'high'],
  flexTier: version >= 3,
  priorityTier: version >= 3,
});

const gpt5AndLater = (major: number, minor: number, variant: string): ModelTraits => {
  // `gpt-5-chat-latest` is no reasoning model; `gpt-5.3-chat-latest` is.
  if (major === 5 && minor === 0 && variant.startsWith('chat'))
    return { ...NOT_REASONING, priorityTier: false };
  const isLater = major >= 6;
  return {
    reasoning: true,
    samplingWithoutReasoning: isLater ? takesNone(major, minor, variant) : minor >= 1,
    toolsNeedNoReasoning: major === 5 && minor >= 6,
    efforts: effortsOf(major, minor, variant),
    flexTier: true,
    priorityTier: !variant.startsWith('nano'),
    cacheRetention: !isLater,
    noTemperature: false,
  };
};

/** Of the sixth generation, these can be told not to think. */
const takesNone = (major: number, minor: number, variant: string): boolean =>
  major === 6 && ((minor === 0 && /^(?:luna|sol)/.test(variant)) || (minor === 1 && /^terra/.test(variant)));

const effortsOf = (major: number, minor: number, variant: string): readonly string[] | undefined => {
  if (major >= 6)
    return [...(takesNone(major, minor, variant) ? ['none'] : []), 'low', 'medium', 'high', 'xhigh', 'max'];
  // What pro, codex and chat variants take is not known.
  if (/(?:pro|codex|chat)/.test(variant)) return undefined;
  if (minor === 0) return ['minimal', 'low', 'medium', 'high'];
  if (minor === 1) return ['none', 'low', 'medium', 'high'];
  return ['none', 'low', 'medium', 'high', 'xhigh', ...(minor >= 6 ? ['max'] : [])];
};
