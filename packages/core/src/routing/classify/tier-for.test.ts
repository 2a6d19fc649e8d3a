import { expect, test } from 'vitest';
import { TIER_THRESHOLDS, tierFor } from './tier-for.js';

test('a tier begins at its threshold', () => {
  const { standard, premium } = TIER_THRESHOLDS;
  expect([0, standard - 1, standard, premium - 1, premium, 100].map(tierFor)).toEqual([
    'economy',
    'economy',
    'standard',
    'standard',
    'premium',
    'premium',
  ]);
});
