import { isReachedSql } from './percentile.js';
import type { Condition, PlannedFigure } from './query-plan.js';
import {
  columnSql,
  conditionSql,
  type EntriesSql,
  type Sql,
  type SqlDialect,
  whereSql,
} from './statement.js';

/** Counts and adds up the values of an expression. Real numbers are added up, because integers can go beyond 2^63. */
const partText = (name: PlannedFigure['function'], value: string): readonly string[] => {
  const sum = `SUM(CAST(${value} AS DOUBLE PRECISION))`;
  switch (name) {
    case 'count':
      return [`COUNT(${value})`];
    case 'sum':
    case 'total':
      return [sum];
    case 'average':
      return [sum, `COUNT(${value})`];
    case 'minimum':
      return [`MIN(${value})`];
    case 'maximum':
      return [`MAX(${value})`];
    case 'percentile':
      return [];
  }
};

/** What follows an aggregate function, so that it is about some of the rows. */
export const onlySql = (conditions: readonly Sql[]): Sql => {
  const { text, values } = whereSql(conditions);
  return { text: text === '' ? '' : ` FILTER (${text.trim()})`, values };
};

const rowConditions = (dialect: SqlDialect, conditions: readonly Condition[]): readonly Sql[] =>
  conditions.map((condition) => conditionSql(dialect, condition));

/** The parts of which {@link wholeText} makes a figure, each computed from rows. */
export const figureParts = (
  dialect: SqlDialect,
  { function: name, column, conditions }: PlannedFigure,
  entries: EntriesSql | undefined,
): readonly Sql[] => {
  const own = column?.type === 'json' && name !== 'count' ? (entries?.value ?? 'NULL') : undefined;
  const value = own ?? (column === undefined ? '*' : columnSql(column));
  const only = onlySql(rowConditions(dialect, conditions));
  return partText(name, value).map((text) => ({ text: `${text}${only.text}`, values: only.values }));
};

/** A figure from its parts. */
export const wholeText = ({ function: name }: PlannedFigure, parts: readonly string[]): string => {
  const [part = 'NULL', count = 'NULL'] = parts;
  if (name === 'average') return `${part} / NULLIF(${count}, 0)`;
  return name === 'count' || name === 'total' ? `COALESCE(${part}, 0)` : part;
};

const addedText = (name: PlannedFigure['function'], part: string): string => {
  if (name === 'minimum') return `MIN(${part})`;
  return name === 'maximum' ? `MAX(${part})` : `SUM(${part})`;
};

const partName = (figure: number, part: number): string => `part_${figure}_${part}`;

/** Names the parts of figures. */
export const namedParts = (figures: readonly (readonly Sql[])[]): readonly Sql[] =>
  figures.flatMap((parts, figure) =>
    parts.map(({ text, values }, part) => ({ text: `${text} AS ${partName(figure, part)}`, values })),
  );

/**
 * A figure from rows that have named parts of it. Where there are percentiles, such a row is about one `step` of a column,
 * whose number among theirs is `scaled`; `measured` are all values of that column in the group, and `passed` those up to
 * this step.
 *
 * @param index - the place of the figure in the plan
 * @param scaled - the number of a percentile's column
 */
export const addedFigure = (figure: PlannedFigure, index: number, scaled = 0): string => {
  const { function: name, thousandths } = figure;
  if (thousandths !== undefined) {
    const isReached = isReachedSql('passed', 'measured', thousandths);
    return `MIN(CASE WHEN scaled = ${scaled} AND ${isReached} THEN step END)`;
  }
  const added = [0, 1].map((part) => addedText(name, partName(index, part)));
  // Sums of counts are of a wider type than counts.
  return wholeText(figure, name === 'count' ? [`CAST(${added[0]} AS BIGINT)`] : added);
};
