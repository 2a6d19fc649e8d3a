import type { CollectionShape } from './collection-shape.js';
import type { PlannedKey } from './group-key.js';
import { decodeKey } from './group-value.js';
import { isEnd, periodOf } from './period.js';
import type { AggregatePlan, PlannedFigure } from './query-plan.js';
import type { AggregateRow, Scalar } from './record-store.js';
import {
  columnSql,
  conditionSql,
  type EntriesSql,
  type Sql,
  type SqlDialect,
  whereSql,
} from './statement.js';
import type { StoredRow } from './stored-value.js';
import { scaleStepSql } from './value-scale.js';

const plain = (text: string): Sql => ({ text, values: [] });

/** The column of a figure as an expression; a real number where it is added up, because integers can go beyond 2^63. */
const figureText = ({ function: name, column }: PlannedFigure, entries: EntriesSql | undefined): string => {
  if (column === undefined) return 'COUNT(*)';
  const value = column.type === 'json' && name !== 'count' ? (entries?.value ?? 'NULL') : columnSql(column);
  switch (name) {
    case 'count':
      return `COUNT(${value})`;
    case 'sum':
      return `SUM(CAST(${value} AS DOUBLE PRECISION))`;
    case 'total':
      return `COALESCE(SUM(CAST(${value} AS DOUBLE PRECISION)), 0)`;
    case 'average':
      return `AVG(CAST(${value} AS DOUBLE PRECISION))`;
    case 'minimum':
      return `MIN(${value})`;
    case 'maximum':
      return `MAX(${value})`;
  }
};

/** Where rows are read from, and what they are grouped by. */
export interface GroupedRows {
  readonly from: Sql;
  readonly keys: readonly Sql[];
  readonly conditions: readonly Sql[];
  readonly entries: EntriesSql | undefined;
}

/** The rows of a plan and their groups. */
export const groupedRows = (
  dialect: SqlDialect,
  shape: CollectionShape,
  { groupBy, conditions }: Pick<AggregatePlan, 'groupBy' | 'conditions'>,
): GroupedRows => {
  const table = `${dialect.table(shape)} AS r`;
  const range = groupBy.find((key) => key.kind === 'range');
  const ranges =
    range && dialect.ranges(table, columnSql(range.column), range.bounds, periodOf(conditions, range.column));
  const entry = groupBy.find((key) => key.kind === 'entry');
  const entries = entry && dialect.entries(columnSql(entry.column));
  const from = ranges?.from ?? plain(table);
  const keyOf = ({ kind, column }: PlannedKey): Sql => {
    if (kind === 'range') return ranges?.start ?? plain('NULL');
    if (kind === 'entry') return plain(entries?.key ?? 'NULL');
    return plain(kind === 'scale' ? scaleStepSql(columnSql(column), dialect.floor) : columnSql(column));
  };
  return {
    from: { text: `${from.text}${entries?.join ?? ''}`, values: from.values },
    keys: groupBy.map(keyOf),
    conditions: [
      ...conditions
        // The ranges are cut to these already. Twice, SQLite would search by the wider ones.
        .filter((condition) => range === undefined || !isEnd(condition, range.column))
        .map((condition) => conditionSql(dialect, condition)),
      ...(entries === undefined ? [] : [plain(entries.condition)]),
    ],
    entries,
  };
};

/** `GROUP BY` the first columns of a `SELECT`. */
export const groupingText = (count: number): string =>
  count === 0 ? '' : ` GROUP BY ${Array.from({ length: count }, (_, index) => index + 1).join(', ')}`;

/** `ORDER BY` the first columns of a `SELECT`, null first. */
export const orderText = (count: number): string =>
  count === 0
    ? ''
    : ` ORDER BY ${Array.from({ length: count }, (_, index) => `${index + 1} NULLS FIRST`).join(', ')}`;

/** Computes figures. The row holds the values of the groups first, then the figures, in the order of the plan. */
export const aggregateSql = (dialect: SqlDialect, shape: CollectionShape, plan: AggregatePlan): Sql => {
  const { from, keys, conditions, entries } = groupedRows(dialect, shape, plan);
  const figures = plan.figures.map((figure, index) => `${figureText(figure, entries)} AS "figure ${index}"`);
  const filter = whereSql(conditions);
  const selected = [...keys.map(({ text }, index) => `${text} AS "key ${index}"`), ...figures].join(', ');
  return {
    text: `SELECT ${selected} FROM ${from.text}${filter.text}${groupingText(keys.length)}${orderText(keys.length)}`,
    values: [...keys.flatMap(({ values }) => values), ...from.values, ...filter.values],
  };
};

/** The groups that an aggregate read, from its rows. */
export const decodeAggregate = (
  { groupBy, figures }: AggregatePlan,
  stored: readonly StoredRow[],
): readonly AggregateRow[] =>
  stored.map((row) => {
    // There may be some ten thousand rows of twenty figures.
    const decoded: Record<string, Scalar> = {};
    for (const [index, key] of groupBy.entries()) decoded[key.column.name] = decodeKey(key, row[index]);
    for (const [index, { name }] of figures.entries()) decoded[name] = row[groupBy.length + index] ?? null;
    return decoded;
  });
