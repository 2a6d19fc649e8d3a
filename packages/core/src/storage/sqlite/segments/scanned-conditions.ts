import type { Column } from '../../column.js';
import { type Period, periodOf } from '../../period.js';
import type { AggregatePlan, Condition } from '../../query-plan.js';

/** What records must fulfil: the conditions, and that they are in one of the ranges. */
export const scannedConditions = ({ conditions, groupBy }: AggregatePlan): readonly Condition[] => {
  const range = groupBy.find((key) => key.kind === 'range');
  if (range === undefined) return conditions;
  const { column, bounds } = range;
  return [
    ...conditions,
    { kind: 'from', column, value: bounds[0] ?? 0 },
    { kind: 'before', column, value: bounds.at(-1) ?? 0 },
  ];
};

/** The stretch of a column outside of which no record counts. */
export const scannedPeriod = (plan: AggregatePlan, column: Column): Period =>
  periodOf(scannedConditions(plan), column);
