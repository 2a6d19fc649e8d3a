import type { TaskCategory } from './task-verdict.js';

/** Points for categories. */
export type Effects = Readonly<Partial<Record<TaskCategory, number>>>;

/** The entries of some points. */
export const pairsOf = (effects: Effects): [TaskCategory, number][] =>
  Object.entries(effects) as [TaskCategory, number][];

/** The points of both. */
export const plus = (one: Effects, other: Effects): Effects => {
  const sum: Partial<Record<TaskCategory, number>> = { ...one };
  for (const [category, points] of pairsOf(other)) sum[category] = (sum[category] ?? 0) + points;
  return sum;
};
