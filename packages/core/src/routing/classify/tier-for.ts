import type { ModelTier } from '../../provider/model-info.js';

/** From this complexity on a task goes to a tier. */
export const TIER_THRESHOLDS: Readonly<Record<Exclude<ModelTier, 'economy'>, number>> = {
  standard: 25,
  premium: 50,
};

/** The tier for a task of this complexity (0 to 100): below 25 economy, below 50 standard, premium from there on. */
export const tierFor = (complexity: number): ModelTier => {
  if (complexity >= TIER_THRESHOLDS.premium) return 'premium';
  return complexity >= TIER_THRESHOLDS.standard ? 'standard' : 'economy';
};
