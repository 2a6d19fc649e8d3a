import { groupedRows, groupingText, orderText } from '../aggregate-sql.js';
import type { CollectionShape } from '../collection-shape.js';
import { addedFigure, figureParts, namedParts, onlySql } from '../figure-sql.js';
import type { PlannedKey } from '../group-key.js';
import { cutRanges, isEnd, periodOf } from '../period.js';
import type { AggregatePlan, Condition, PlannedFigure } from '../query-plan.js';
import type { RollUp } from '../roll-up.js';
import { columnSql, marks, type Sql, whereSql } from '../statement.js';
import { divide } from './roll-up-spans.js';
import {
  countColumn,
  keyColumn,
  packKey,
  rollUpTable,
  totalColumn,
  unpackKeyText,
} from './roll-up-tables.js';
import { sqliteDialect } from './sqlite-dialect.js';

const isSame = (left: PlannedKey, right: PlannedKey): boolean =>
  left.kind === right.kind && left.column === right.column;

const serves = (rollUp: RollUp, { groupBy, conditions, figures }: AggregatePlan): boolean => {
  const { keys, time, totals, counts } = rollUp;
  // Where records are kept by entry, a record is there several times.
  const entry = keys.find(({ kind }) => kind === 'entry');
  const isKept = ({ kind, column }: Condition): boolean =>
    (kind === 'equals' || kind === 'in') && keys.some((key) => key.kind === 'value' && key.column === column);
  if (entry !== undefined && !groupBy.some((key) => isSame(key, entry))) return false;
  return (
    groupBy.every((key) =>
      key.kind === 'range' ? key.column === time : keys.some((kept) => isSame(kept, key)),
    ) &&
    conditions.every((condition) => isKept(condition) || isEnd(condition, time)) &&
    figures.every(({ function: name, column, conditions: own }) => {
      if (!own.every(isKept)) return false;
      if (column === undefined) return true;
      if (name === 'count') return counts.includes(column);
      const isSum = name === 'sum' || name === 'average';
      return totals.includes(column) && (name === 'total' || (isSum && counts.includes(column)));
    })
  );
};

/** What is read: parts of the range that begins at `start`, or of the whole period. */
const partsOf = (rollUp: RollUp, { groupBy, conditions }: AggregatePlan) => {
  const period = periodOf(conditions, rollUp.time);
  const range = groupBy.find((key) => key.kind === 'range');
  const periods =
    range === undefined
      ? [{ start: 0, low: period.from, high: period.before }]
      : cutRanges(range.bounds, period);
  const spans: (readonly number[])[] = [];
  const records: (readonly number[])[] = [];
  for (const { start, low: from, high: before } of periods) {
    const parts = divide({ from, before }, rollUp.spans);
    for (const { span, low, high } of parts.spans) spans.push([start, low, high, span]);
    for (const { low, high } of parts.records) records.push([start, low, high]);
  }
  return { spans: JSON.stringify(spans), records: JSON.stringify(records) };
};

/** A condition on how a group's value is kept. */
const keyCondition = (rollUp: RollUp, condition: Condition): Sql => {
  const key = rollUp.keys.find(({ kind, column }) => kind === 'value' && column === condition.column);
  if (key === undefined) return { text: '1 = 0', values: [] };
  if (condition.kind === 'equals') {
    return { text: `${keyColumn(key)} = ?`, values: [packKey('value', condition.value)] };
  }
  if (condition.kind !== 'in') return { text: '1 = 0', values: [] };
  const values = condition.values.map((value) => packKey('value', value));
  if (condition.orNull) values.push(packKey('value', null));
  return { text: values.length === 0 ? '1 = 0' : `${keyColumn(key)} IN (${marks(values.length)})`, values };
};

/** The parts of a figure from kept totals. */
const keptFigure = (
  rollUp: RollUp,
  { function: name, column, conditions }: PlannedFigure,
): readonly Sql[] => {
  const only = onlySql(conditions.map((condition) => keyCondition(rollUp, condition)));
  const sum = (expression: string): Sql => ({
    text: `SUM(${expression})${only.text}`,
    values: only.values,
  });
  if (column === undefined) return [sum('records')];
  const count = sum(countColumn(column));
  if (name === 'count') return [count];
  const total = sum(totalColumn(column));
  if (name === 'total') return [total];
  // A sum without any value is null.
  const values = [...count.values, ...total.values];
  const known = { text: `CASE WHEN ${count.text} > 0 THEN ${total.text} END`, values };
  return name === 'sum' ? [known] : [known, count];
};

/** Names the columns of one half: the groups, the parts of the figures, the number of records. */
const named = (keys: readonly string[], figures: readonly (readonly Sql[])[], records: string): Sql => {
  const parts = namedParts(figures);
  return {
    text: [
      ...keys.map((text, index) => `${text} AS group_${index}`),
      ...parts.map(({ text }) => text),
      `${records} AS counted`,
    ].join(', '),
    values: parts.flatMap(({ values }) => values),
  };
};

// Materialized: SQLite would read the JSON again for every row.
const PARTS =
  'WITH span_parts AS MATERIALIZED (SELECT value ->> 0 AS period, value ->> 1 AS low, value ->> 2 AS high, value ->> 3 AS size FROM json_each(?)), record_parts AS MATERIALIZED (SELECT value ->> 0 AS period, value ->> 1 AS low, value ->> 2 AS high FROM json_each(?)) ';

const keptSql = (shape: CollectionShape, rollUp: RollUp, plan: AggregatePlan): Sql => {
  const conditions = plan.conditions
    .filter((condition) => !isEnd(condition, rollUp.time))
    .map((condition) => keyCondition(rollUp, condition));
  const filter = whereSql(conditions);
  const keys = plan.groupBy.map((key) => (key.kind === 'range' ? 'parts.period' : unpackKeyText(key)));
  // Grouped by how the values are kept: unpacking them once for every group is enough.
  const grouping = plan.groupBy.map((key) => (key.kind === 'range' ? 'parts.period' : keyColumn(key)));
  const figures = plan.figures.map((figure) => keptFigure(rollUp, figure));
  const selected = named(keys, figures, 'SUM(records)');
  return {
    text: `SELECT ${selected.text} FROM span_parts AS parts CROSS JOIN ${rollUpTable(shape, rollUp)} AS kept ON kept.span = parts.size AND kept.start >= parts.low AND kept.start < parts.high${filter.text}${grouping.length === 0 ? '' : ` GROUP BY ${grouping.join(', ')}`}`,
    values: [...selected.values, ...filter.values],
  };
};

const recordsSql = (shape: CollectionShape, rollUp: RollUp, plan: AggregatePlan): Sql => {
  const conditions = plan.conditions.filter((condition) => !isEnd(condition, rollUp.time));
  const groupBy = plan.groupBy.filter(({ kind }) => kind !== 'range');
  const rows = groupedRows(sqliteDialect, shape, { groupBy, conditions });
  const texts = [...rows.keys];
  const keys = plan.groupBy.map(({ kind }) =>
    kind === 'range' ? 'parts.period' : (texts.shift()?.text ?? 'NULL'),
  );
  const time = columnSql(rollUp.time);
  const filter = whereSql([
    { text: `${time} >= parts.low AND ${time} < parts.high`, values: [] },
    ...rows.conditions,
  ]);
  const figures = plan.figures.map((figure) => figureParts(sqliteDialect, figure, rows.entries));
  const selected = named(keys, figures, 'COUNT(*)');
  return {
    text: `SELECT ${selected.text} FROM record_parts AS parts CROSS JOIN ${rows.from.text}${filter.text}${groupingText(keys.length)}`,
    values: [...selected.values, ...rows.from.values, ...filter.values],
  };
};

/** Counts the totals and the records that {@link rolledUpSql} reads, each of them up to a limit. */
const countSql = (
  shape: CollectionShape,
  rollUp: RollUp,
  parts: { readonly spans: string; readonly records: string },
  limit: number,
): Sql => {
  const limited = (text: string): string => `(SELECT COUNT(*) FROM (SELECT 1 FROM ${text} LIMIT ${limit}))`;
  const kept = limited(
    `span_parts AS parts CROSS JOIN ${rollUpTable(shape, rollUp)} AS kept ON kept.span = parts.size AND kept.start >= parts.low AND kept.start < parts.high`,
  );
  const time = columnSql(rollUp.time);
  const records = limited(
    `record_parts AS parts CROSS JOIN ${sqliteDialect.table(shape)} AS r ON ${time} >= parts.low AND ${time} < parts.high`,
  );
  return { text: `${PARTS}SELECT ${kept} + ${records} AS found`, values: [parts.spans, parts.records] };
};

/** A statement that reads totals. */
export interface RolledUp {
  readonly sql: Sql;
  /** Counts what it reads, as `found`. */
  countReads(limit: number): Sql;
}

/**
 * Computes figures as `aggregateSql` does, from kept totals: those of the first roll-up of the collection that can
 * serve; undefined where there is none. Totals and the records at the ends of a period are read in one statement, and
 * so in one state.
 */
export const rolledUpSql = (shape: CollectionShape, plan: AggregatePlan): RolledUp | undefined => {
  const rollUp = shape.rollUps.find((one) => serves(one, plan));
  if (rollUp === undefined) return undefined;
  const parts = partsOf(rollUp, plan);
  const kept = keptSql(shape, rollUp, plan);
  const records = recordsSql(shape, rollUp, plan);
  const groups = plan.groupBy.map((_, index) => `group_${index}`);
  const figures = plan.figures.map((figure, index) => `${addedFigure(figure, index)} AS "figure ${index}"`);
  const having = groups.length === 0 ? '' : ' HAVING SUM(counted) > 0';
  const sql = {
    text: `${PARTS}SELECT ${[...groups, ...figures].join(', ')} FROM (${kept.text} UNION ALL ${records.text})${groupingText(groups.length)}${having}${orderText(groups.length)}`,
    values: [parts.spans, parts.records, ...kept.values, ...records.values],
  };
  return { sql, countReads: (limit) => countSql(shape, rollUp, parts, limit) };
};
