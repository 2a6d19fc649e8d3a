import type { CatalogueModel, ModelTier } from '../provider/model-info.js';
import { blendedPrice } from '../provider/price.js';
import { tierFor } from './classify/tier-for.js';
import type { HistoryFigures } from './history/history-figures.js';
import { NO_HISTORY } from './history/history-figures.js';
import { rankByHistory } from './history/rank-by-history.js';
import type { RejectedModel } from './rejected-model.js';
import { isTooLong, lacking } from './request-needs.js';
import type { RouteCandidate, RouteDecision } from './route-decision.js';
import type { RouteInput, RouteModel } from './route-input.js';

/** Candidates that a decision names; more are never tried. */
const MOST_CANDIDATES = 20;

const TIERS: readonly ModelTier[] = ['economy', 'standard', 'premium'];
/** Blended US dollars per million tokens, for models whose tier nobody stated. */
const STANDARD_FROM = 1;
const PREMIUM_FROM = 6;
/** Tokens of an answer, for an estimate of what it costs. */
const USUAL_OUTPUT = 500;

/**
 * Choose between models: for a tier that was named, or for `auto`. Pure: it reads nothing but its input, and asks
 * nobody. An empty list of candidates means that no model will do.
 */
export const decideRoute = (input: RouteInput): RouteDecision => {
  const { fit, rejected } = sift(input);
  const preferred = input.tier ?? (input.task === undefined ? undefined : tierFor(input.task.complexity));
  const tier = input.downgrade && preferred !== undefined ? cheaper(preferred) : preferred;
  const ordered = inOrder(fit, tier, input);
  const ranked = input.mode === 'cost-aware' ? byHistory(ordered, input) : byRule(ordered, tier, input);
  const [first] = ranked;
  const shown = ranked.slice(0, MOST_CANDIDATES);
  return {
    requested: input.requested,
    mode: input.mode,
    candidates: shown.map(({ model, reason, success }, place) => ({
      ...candidateOf(model, input, success),
      reason: place === 0 ? `${reason}${notes(input, preferred, tier)}` : reason,
    })),
    rejected: [...input.excluded, ...rejected, ...passedOver(fit, shown, input)],
    ...(input.task !== undefined && { task: input.task }),
    ...(tier !== undefined && { tier }),
    ...(input.downgrade && { downgraded: true as const }),
    ...(first?.explored === true && { explored: true as const }),
    ...(input.activeProvider !== undefined && { activeProvider: input.activeProvider }),
  };
};

/** Models that could do it and are no candidates. */
const passedOver = (
  fit: readonly RouteModel[],
  shown: readonly Ranked[],
  { tier }: RouteInput,
): RejectedModel[] => {
  const candidates = new Set(shown.map(({ model }) => model));
  return fit
    .filter((model) => !candidates.has(model))
    .map(({ info }) => {
      const isBelow = tier !== undefined && TIERS.indexOf(tierOf(info)) < TIERS.indexOf(tier);
      const reason = isBelow ? `it is below the tier ${tier}` : 'enough others go before it';
      return { provider: info.provider, model: info.id, kind: 'policy', reason };
    });
};

/** What a model counts as. */
const tierOf = ({ tier, price }: CatalogueModel): ModelTier => {
  if (tier !== undefined) return tier;
  if (price === undefined) return 'standard';
  const blended = blendedPrice(price);
  if (blended >= PREMIUM_FROM) return 'premium';
  return blended >= STANDARD_FROM ? 'standard' : 'economy';
};

const cheaper = (tier: ModelTier): ModelTier => (tier === 'premium' ? 'standard' : 'economy');

/** Those that can do it, and why the others cannot. Models that cool down, or that the budget has no room for, are left when there are no others. */
const sift = (input: RouteInput): { fit: readonly RouteModel[]; rejected: RejectedModel[] } => {
  const rejected: RejectedModel[] = [];
  const fit: RouteModel[] = [];
  const cooling: RouteModel[] = [];
  const tooDear: RouteModel[] = [];
  for (const model of input.models) {
    const { provider, id, contextWindow } = model.info;
    const missing = lacking(model.info, input.needs);
    if (missing !== undefined) {
      rejected.push({ provider, model: id, kind: 'capability', reason: `it has no ${missing}` });
    } else if (isTooLong(model.info, input.needs)) {
      const reason = `the request has about ${input.needs.tokensIn} tokens, and it takes ${contextWindow}`;
      rejected.push({ provider, model: id, kind: 'context', reason });
    } else if ((estimatedCost(model.info, input.needs) ?? 0) > (input.leftUsd ?? Number.POSITIVE_INFINITY)) {
      tooDear.push(model);
    } else if (model.coolDown !== undefined) cooling.push(model);
    else fit.push(model);
  }
  // Where no budget has room for any of them, it is the budget that says so.
  if (fit.length === 0 && cooling.length === 0) return { fit: tooDear, rejected };
  for (const { info } of tooDear) {
    const cost = (estimatedCost(info, input.needs) ?? 0).toPrecision(2);
    const reason = `it may cost $${cost}, and the budget has $${(input.leftUsd ?? 0).toPrecision(2)} left`;
    rejected.push({ provider: info.provider, model: info.id, kind: 'budget', reason });
  }
  if (fit.length === 0) return { fit: cooling, rejected };
  for (const { info, coolDown = '' } of cooling)
    rejected.push({ provider: info.provider, model: info.id, kind: 'cool-down', reason: coolDown });
  return { fit, rejected };
};

/**
 * The tier first, then the next dearer ones, and for `auto` the cheaper ones; within a tier by priority, then by price.
 * Under a budget that is nearly used the cheaper tiers come before the dearer ones, and the price before the priority.
 */
const inOrder = (
  models: readonly RouteModel[],
  tier: ModelTier | undefined,
  { downgrade, tier: named }: RouteInput,
): readonly RouteModel[] => {
  const at = tier === undefined ? 0 : TIERS.indexOf(tier);
  const up = TIERS.slice(at + 1);
  const down = TIERS.slice(0, at).reverse();
  const others = downgrade ? [...down, ...up] : [...up, ...(named === undefined ? down : [])];
  const order = tier === undefined ? [] : [tier, ...others];
  const placed = models.flatMap((model, index) => {
    const place = order.length === 0 ? 0 : order.indexOf(tierOf(model.info));
    return place < 0 ? [] : [{ model, index, tier: place, priority: downgrade ? 0 : model.priority }];
  });
  // The index keeps the order of the input, which is that of prices.
  placed.sort((a, b) => a.tier - b.tier || b.priority - a.priority || a.index - b.index);
  return placed.map(({ model }) => model);
};

interface Ranked {
  readonly model: RouteModel;
  readonly reason: string;
  readonly success: number | undefined;
  readonly explored?: boolean | undefined;
}

const byHistory = (models: readonly RouteModel[], input: RouteInput): readonly Ranked[] => {
  const candidates = models.map((model) => ({
    provider: model.info.provider,
    model: model.info.id,
    price: model.info.price === undefined ? undefined : blendedPrice(model.info.price),
    tier: tierOf(model.info),
    routed: model,
  }));
  return rankByHistory(candidates, ({ routed }) => figuresOf(routed), {
    threshold: input.threshold,
    ...(input.explore && { exploration: { take: () => true } }),
  }).map(({ candidate, reason, figures, explored }) => ({
    model: candidate.routed,
    reason:
      candidate.routed.learned === undefined ? reason : expectedReason(candidate.routed, figures, input),
    success: figures.successRate,
    explored,
  }));
};

/** So many calls is a trained router's expectation of one request worth. */
const LEARNED_CALLS = 20;

/** What has happened at such tasks, and what a trained router expects of this request, as one. */
const figuresOf = ({ history = NO_HISTORY, learned }: RouteModel): HistoryFigures => {
  if (learned === undefined) return history;
  const calls = history.calls + LEARNED_CALLS;
  const rate = (learned * LEARNED_CALLS + (history.successRate ?? 0) * history.calls) / calls;
  return { ...history, calls, successRate: rate, lowerBound: rate, upperBound: rate };
};

const expectedReason = (
  { info, history }: RouteModel,
  { successRate = 0 }: HistoryFigures,
  { threshold }: RouteInput,
): string => {
  const share = Math.floor(successRate * 100);
  const enough = successRate >= threshold ? 'good enough' : `below ${Math.round(threshold * 100)} %`;
  const calls = Math.round(history?.calls ?? 0);
  const by = calls === 0 ? 'the trained router' : `the trained router and ${calls} calls`;
  return `${info.provider}:${info.id}: ${tierOf(info)}, ${share} % success expected by ${by}, ${enough}`;
};

const byRule = (
  models: readonly RouteModel[],
  tier: ModelTier | undefined,
  input: RouteInput,
): readonly Ranked[] => {
  const samePriority = new Set(models.map(({ priority }) => priority)).size <= 1 || input.downgrade;
  return models.slice(0, MOST_CANDIDATES).map((model, rank) => ({
    model,
    reason: ruleReason(model, { tier, rank, samePriority }),
    success: model.history?.successRate,
  }));
};

/** Where a model stands among those that fit. */
interface Place {
  readonly tier: ModelTier | undefined;
  readonly rank: number;
  readonly samePriority: boolean;
}

const ruleReason = ({ info }: RouteModel, { tier, rank, samePriority }: Place): string => {
  const own = tierOf(info);
  const first = samePriority ? 'cheapest' : 'first by priority, then cheapest,';
  const place =
    rank === 0 ? first : `number ${rank + 1} by ${samePriority ? 'price' : 'priority and price'},`;
  const kind = tier === undefined ? 'model' : `${own} model`;
  const price =
    info.price === undefined
      ? 'price unknown'
      : `$${info.price.input} in / $${info.price.output} out per 1M tokens`;
  return `${info.provider}:${info.id}: ${place} ready ${kind} that fits the request (${price})`;
};

/** What the first candidate's reason says besides. */
const notes = (
  { task, tier: named, simulated, downgrade, budget, activeProvider, via }: RouteInput,
  preferred: ModelTier | undefined,
  tier: ModelTier | undefined,
): string => {
  const parts: string[] = [];
  if (task !== undefined && named === undefined)
    parts.push(`the task looks like ${task.category}, complexity ${task.complexity} of 100`);
  if (downgrade)
    parts.push(
      `the budget ${budget === undefined ? '' : `"${budget}" `}is nearly used${preferred === tier ? '' : `, so ${tier} in place of ${preferred}`}`,
    );
  if (activeProvider !== undefined) parts.push(`held to ${activeProvider} by single-model mode`);
  if (simulated) parts.push('simulated, because no real provider is ready');
  const text = parts.length === 0 ? '' : `; ${parts.join('; ')}`;
  return via === undefined ? text : `${text} ("${via}" is an alias)`;
};

/** What a call of about this size costs, in US dollars. */
const estimatedCost = (info: CatalogueModel, needs: RouteInput['needs']): number | undefined => {
  if (info.price === undefined) return undefined;
  const { input, output } = info.price;
  const tokensOut = Math.min(needs.tokensOut ?? USUAL_OUTPUT, USUAL_OUTPUT);
  return (needs.tokensIn * input + tokensOut * output) / 1_000_000;
};

const candidateOf = (
  { info }: RouteModel,
  { needs }: RouteInput,
  success: number | undefined,
): Omit<RouteCandidate, 'reason'> => {
  const costUsd = estimatedCost(info, needs);
  return {
    provider: info.provider,
    model: info.id,
    info,
    ...(costUsd !== undefined && { estimatedCostUsd: costUsd }),
    ...(success !== undefined && { predictedSuccess: success }),
  };
};
