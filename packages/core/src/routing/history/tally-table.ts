import { addTallies, type DecayedTally, decay, LEAST_CALLS } from './decayed-tally.js';

/** Tallies by key, in memory and bounded. */
export type TallyTable = Map<string, DecayedTally>;

/** Names the tally of a model for a category. No provider or model has a line break in its name. */
export const tallyKey = (provider: string, model: string, category: string): string =>
  `${provider}\n${model}\n${category}`;

/** What {@link tallyKey} was made of. */
export const tallyNames = (key: string): { provider: string; model: string; category: string } => {
  const [provider = '', model = '', ...category] = key.split('\n');
  return { provider, model, category: category.join('\n') };
};

/** Adds a tally to a table. */
export const addTo = (table: TallyTable, key: string, tally: DecayedTally, halfLifeMs: number): void =>
  void table.set(key, addTallies(table.get(key), tally, halfLifeMs));

/** Forgets what has faded, and the lightest of what is too many. */
export const trim = (
  table: TallyTable,
  { most, now, halfLifeMs }: { readonly most: number; readonly now: number; readonly halfLifeMs: number },
): void => {
  const weights: [key: string, calls: number][] = [];
  for (const [key, { at, calls }] of table) {
    const left = calls * decay(at, now, halfLifeMs);
    if (left < LEAST_CALLS) table.delete(key);
    else weights.push([key, left]);
  }
  if (weights.length <= most) return;
  weights.sort(([, one], [, other]) => other - one);
  for (const [key] of weights.slice(most)) table.delete(key);
};
