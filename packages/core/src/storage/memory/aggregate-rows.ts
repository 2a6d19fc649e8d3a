import { decodeFigure, decodeKey, entriesIn, groupValue } from '../group-value.js';
import { matchesAll } from '../match-row.js';
import { isReached } from '../percentile.js';
import type { AggregatePlan, PlannedFigure } from '../query-plan.js';
import type { AggregateRow, Scalar } from '../record-store.js';
import { compareStored, type StoredRow, type StoredValue } from '../stored-value.js';
import { scaleStep } from '../value-scale.js';

interface Tally {
  count: number;
  sum: number;
  /** The least or the most. */
  extreme: StoredValue;
  /** How many values are in each step of the scale. */
  steps: Map<number, number> | undefined;
}

interface Group {
  readonly values: readonly StoredValue[];
  readonly tallies: readonly Tally[];
}

const addTo = (tally: Tally, name: PlannedFigure['function'], value: StoredValue): void => {
  if (value === null) return;
  tally.count += 1;
  if (name === 'count') return;
  if (name === 'sum' || name === 'total' || name === 'average') {
    tally.sum += Number(value);
    return;
  }
  if (name === 'percentile') {
    const step = scaleStep(Number(value));
    tally.steps ??= new Map();
    tally.steps.set(step, (tally.steps.get(step) ?? 0) + 1);
    return;
  }
  const order = tally.extreme === null ? 0 : compareStored(value, tally.extreme);
  if (tally.extreme === null || (name === 'minimum' ? order < 0 : order > 0)) tally.extreme = value;
};

const percentileOf = ({ steps = new Map(), count }: Tally, thousandths: number): number | null => {
  let passed = 0;
  for (const [step, values] of [...steps].sort(([one], [other]) => one - other)) {
    passed += values;
    if (isReached(passed, count, thousandths)) return step;
  }
  return null;
};

const figureOf = (figure: PlannedFigure, tally: Tally): StoredValue => {
  switch (figure.function) {
    case 'count':
      return tally.count;
    case 'sum':
      return tally.count === 0 ? null : tally.sum;
    case 'total':
      return tally.sum;
    case 'average':
      return tally.count === 0 ? null : tally.sum / tally.count;
    case 'minimum':
    case 'maximum':
      return tally.extreme;
    case 'percentile':
      return percentileOf(tally, figure.thousandths ?? 0);
  }
};

const compareGroups = (left: Group, right: Group): number => {
  for (const [index, value] of left.values.entries()) {
    const order = compareStored(value, right.values[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
};

/** Adds rows up, one after the other. */
export interface Aggregation {
  add(row: StoredRow): void;
  /** The figures of each group, groups in the order of their values. */
  result(): readonly AggregateRow[];
}

/** Begins to compute the figures of a plan. */
export const startAggregation = (plan: AggregatePlan): Aggregation => {
  const groups = new Map<string, Group>();
  const groupOf = (values: readonly StoredValue[]): Group => {
    const key = JSON.stringify(values);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const tallies = plan.figures.map(() => ({ count: 0, sum: 0, extreme: null, steps: undefined }));
    const group = { values, tallies };
    groups.set(key, group);
    return group;
  };
  if (plan.groupBy.length === 0) groupOf([]);

  const rowOf = ({ values, tallies }: Group): AggregateRow => {
    const result: Record<string, Scalar> = {};
    for (const [index, key] of plan.groupBy.entries()) {
      result[key.column.name] = decodeKey(key, values[index]);
    }
    for (const [index, figure] of plan.figures.entries()) {
      const tally = tallies[index];
      if (tally !== undefined) result[figure.name] = decodeFigure(figure, figureOf(figure, tally));
    }
    return result;
  };

  const count = (row: StoredRow, values: readonly StoredValue[], entry: number | undefined): void => {
    const group = groupOf(values);
    for (const [index, { function: name, column, conditions }] of plan.figures.entries()) {
      const tally = group.tallies[index];
      if (tally === undefined || !matchesAll(conditions, row)) continue;
      const isEntry = column?.type === 'json' && name !== 'count';
      const value = column === undefined ? 1 : isEntry ? (entry ?? null) : (row[column.index] ?? null);
      addTo(tally, name, value);
    }
  };
  const entryColumn = plan.groupBy.find(({ kind }) => kind === 'entry')?.column;

  return {
    add(row) {
      const values: StoredValue[] = [];
      for (const key of plan.groupBy) {
        const value = key.kind === 'entry' ? null : groupValue(key, row);
        if (value === undefined) return;
        values.push(value);
      }
      if (entryColumn === undefined) {
        count(row, values, undefined);
        return;
      }
      for (const [name, entry] of entriesIn(row[entryColumn.index])) {
        count(
          row,
          plan.groupBy.map(({ kind }, index) => (kind === 'entry' ? name : (values[index] ?? null))),
          entry,
        );
      }
    },
    result: () => [...groups.values()].sort(compareGroups).map(rowOf),
  };
};
