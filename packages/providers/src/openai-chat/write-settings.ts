import type { JsonValue, ModelRequest, ReasoningEffort, Warning } from '@millrace/core/model';
import type { ChatDialect, ModelTraits } from './quirks.js';

type Warn = (warning: Warning) => void;

/** From least to most. */
const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** Which effort to ask for; `undefined` leaves it to the vendor. */
export const writeReasoning = (
  request: ModelRequest,
  { quirks }: ChatDialect,
  traits: ModelTraits | undefined,
  warn: Warn,
): string | undefined => {
  const { reasoning, model } = request;
  if (traits?.toolsNeedNoReasoning === true && (request.tools?.length ?? 0) > 0) {
    if (reasoning !== undefined && reasoning !== 'none') {
      const details = `${model} takes no function tools on this endpoint while it reasons, so reasoning was switched off.`;
      warn({ type: 'compatibility', feature: 'reasoning', details });
    }
    return 'none';
  }
  if (reasoning === undefined) return undefined;
  if (quirks.reasoningEffort === false || (traits !== undefined && !traits.reasoning)) {
    if (reasoning !== 'none')
      warn({ type: 'unsupported', feature: 'reasoning', details: `${model} has no reasoning effort.` });
    return undefined;
  }
  // `max` is not known to this endpoint.
  const accepted = (traits?.efforts ?? EFFORTS).filter((effort) => effort !== 'max');
  return nearestEffort(reasoning, accepted, model, warn);
};

/** The nearest effort that the model takes; any where that is not known. */
export const nearestEffort = (
  wanted: ReasoningEffort,
  known: readonly string[] | undefined,
  model: string,
  warn: Warn,
): string => {
  const accepted = known ?? EFFORTS;
  if (accepted.includes(wanted)) return wanted;
  const place = (effort: string): number => EFFORTS.indexOf(effort as ReasoningEffort);
  const [nearest = wanted] = accepted.toSorted(
    (a, b) => Math.abs(place(a) - place(wanted)) - Math.abs(place(b) - place(wanted)),
  );
  warn({
    type: 'compatibility',
    feature: 'reasoning',
    details: `${model} does not take the effort ${wanted}; ${nearest} was used.`,
  });
  return nearest;
};

const SAMPLING = [
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
];

/** Take out what the model is known to refuse, with a warning for each, so that the call is not lost. */
export const leaveOutUnsupported = (
  body: Record<string, JsonValue | undefined>,
  traits: ModelTraits,
  model: string,
  warn: Warn,
): void => {
  const leaveOut = (feature: string, why: string): void => {
    if (body[feature] === undefined) return;
    body[feature] = undefined;
    warn({ type: 'unsupported', feature, details: `${model} ${why}; it was left out.` });
  };
  const samples =
    !traits.reasoning || (traits.samplingWithoutReasoning && body['reasoning_effort'] === 'none');
  if (!samples) for (const name of SAMPLING) leaveOut(name, 'does not take it while it reasons');
  if (traits.noTemperature) leaveOut('temperature', 'takes no temperature');
  if (!traits.cacheRetention) leaveOut('prompt_cache_retention', 'has prompt cache options instead');
  if (body['service_tier'] === 'flex' && !traits.flexTier) leaveOut('service_tier', 'has no flex tier');
  if (body['service_tier'] === 'priority' && !traits.priorityTier)
    leaveOut('service_tier', 'has no priority tier');
  if (traits.reasoning && body['max_tokens'] !== undefined) {
    // A caller may have set it by its vendor name.
    body['max_completion_tokens'] ??= body['max_tokens'];
    body['max_tokens'] = undefined;
  }
};
