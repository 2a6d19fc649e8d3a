import type { BudgetDimension, BudgetLabels, BudgetLimit } from './budget-limit.js';

/** The values of the dimensions that a limit is counted by; null where the call has none. */
export type BudgetScope = Readonly<Partial<Record<BudgetDimension, string | null>>>;

/** For whom a limit counts a call: one scope, several for several tags, none when the limit is not for such calls. */
export const scopesOf = ({ only, per = [], period }: BudgetLimit, labels: BudgetLabels): BudgetScope[] => {
  if (period === 'run' && (labels.runId === undefined || labels.runId === '')) return [];
  if (only !== undefined) {
    for (const dimension of Object.keys(only) as BudgetDimension[]) {
      const wanted = only[dimension];
      if (wanted === undefined) continue;
      const fits = dimension === 'tag' ? labels.tags?.includes(wanted) : labels[dimension] === wanted;
      if (fits !== true) return [];
    }
  }
  let scopes: BudgetScope[] = [{}];
  for (const dimension of new Set(per)) {
    const values = valuesOf(dimension, labels);
    scopes = scopes.flatMap((scope) => values.map((value) => ({ ...scope, [dimension]: value })));
  }
  return scopes;
};

const valuesOf = (dimension: BudgetDimension, labels: BudgetLabels): readonly (string | null)[] => {
  if (dimension !== 'tag') return [labels[dimension] ?? null];
  const tags = [...new Set(labels.tags ?? [])];
  return tags.length === 0 ? [null] : tags;
};

/** A short text for people: `user "ada", project "mill"`; empty for everybody together. */
export const describeScope = (scope: BudgetScope): string =>
  Object.entries(scope)
    .map(([dimension, value]) =>
      value === null ? `no ${dimension}` : `${dimension} ${JSON.stringify(value)}`,
    )
    .join(', ');
