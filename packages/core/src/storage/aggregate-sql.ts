import type { CollectionShape } from './collection-shape.js';
import type { Column } from './column.js';
import { addedFigure, figureParts, namedParts, wholeText } from './figure-sql.js';
import type { PlannedKey } from './group-key.js';
import { decodeFigure, decodeKey } from './group-value.js';
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

const aliased = (keys: readonly Sql[]): readonly Sql[] =>
  keys.map(({ text, values }, index) => ({ text: `${text} AS "key ${index}"`, values }));

const listed = (parts: readonly Sql[]): Sql => ({
  text: parts.map(({ text }) => text).join(', '),
  values: parts.flatMap(({ values }) => values),
});

/** The columns of a plan's percentiles. */
const percentileColumns = (figures: readonly PlannedFigure[]): readonly Column[] => [
  ...new Set(figures.flatMap(({ thousandths, column }) => (thousandths === undefined ? [] : (column ?? [])))),
];

/**
 * Counts the values in each step of some columns, one column after the other, and finds the steps that percentiles are
 * in among those. What other figures need is computed beside the first column.
 */
const percentileSql = (
  dialect: SqlDialect,
  { from, keys, conditions, entries }: GroupedRows,
  { figures }: AggregatePlan,
  columns: readonly Column[],
): Sql => {
  const filter = whereSql(conditions);
  const parts = figures.map((figure) => figureParts(dialect, figure, entries));
  const none = parts.map((own) => own.map(() => plain('NULL')));
  const stepsOf = (column: Column, index: number): Sql => {
    const selected = listed([
      ...aliased(keys),
      plain(`${scaleStepSql(columnSql(column), dialect.floor)} AS step`),
      plain(`${index} AS scaled`),
      plain(`COUNT(${columnSql(column)}) AS here`),
      ...namedParts(index === 0 ? parts : none),
    ]);
    return {
      text: `SELECT ${selected.text} FROM ${from.text}${filter.text}${groupingText(keys.length + 1)}`,
      values: [...selected.values, ...from.values, ...filter.values],
    };
  };
  const steps = columns.map(stepsOf);
  const names = keys.map((_, index) => `"key ${index}"`);
  const within = `PARTITION BY ${[...names, 'scaled'].join(', ')}`;
  const ranked = `SELECT *, SUM(here) OVER (${within} ORDER BY step NULLS LAST) AS passed, SUM(here) OVER (${within}) AS measured FROM (${steps.map(({ text }) => text).join(' UNION ALL ')}) AS steps`;
  const added = figures.map((figure, index) => {
    const scaled = columns.findIndex(({ name }) => name === figure.column?.name);
    return `${addedFigure(figure, index, scaled)} AS "figure ${index}"`;
  });
  return {
    text: `SELECT ${[...names, ...added].join(', ')} FROM (${ranked}) AS ranked${groupingText(keys.length)}${orderText(keys.length)}`,
    values: steps.flatMap(({ values }) => values),
  };
};

/** Computes figures. The row holds the values of the groups first, then the figures, in the order of the plan. */
export const aggregateSql = (dialect: SqlDialect, shape: CollectionShape, plan: AggregatePlan): Sql => {
  const rows = groupedRows(dialect, shape, plan);
  const columns = percentileColumns(plan.figures);
  if (columns.length > 0) return percentileSql(dialect, rows, plan, columns);
  const { from, keys, conditions, entries } = rows;
  const figures = plan.figures.map((figure, index) => {
    const parts = figureParts(dialect, figure, entries);
    const text = wholeText(
      figure,
      parts.map((part) => part.text),
    );
    return { text: `${text} AS "figure ${index}"`, values: parts.flatMap(({ values }) => values) };
  });
  const filter = whereSql(conditions);
  const selected = listed([...aliased(keys), ...figures]);
  return {
    text: `SELECT ${selected.text} FROM ${from.text}${filter.text}${groupingText(keys.length)}${orderText(keys.length)}`,
    values: [...selected.values, ...from.values, ...filter.values],
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
    for (const [index, figure] of figures.entries()) {
      decoded[figure.name] = decodeFigure(figure, row[groupBy.length + index]);
    }
    return decoded;
  });
