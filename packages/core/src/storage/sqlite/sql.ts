import type { CollectionShape, Column } from '../collection-shape.js';
import type { AggregatePlan, Condition, FindPlan, PlannedFigure } from '../query-plan.js';
import type { ColumnType } from '../record-store.js';
import { encodeValue, type StoredValue } from '../stored-value.js';

/** A statement and the values of its placeholders. Values are never part of the text. */
export interface Sql {
  readonly text: string;
  readonly values: readonly StoredValue[];
}

const typeNames: Readonly<Record<ColumnType, string>> = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  boolean: 'INTEGER',
  json: 'TEXT',
};

// Names come from a checked shape: letters, digits and "_".
const quote = (name: string): string => `"${name}"`;
const list = (columns: readonly Column[]): string => columns.map((column) => quote(column.name)).join(', ');
const marks = (count: number): string => Array(count).fill('?').join(', ');

const toSql = (condition: Condition): Sql => {
  const name = quote(condition.column.name);
  switch (condition.kind) {
    case 'equals':
      return condition.value === null
        ? { text: `${name} IS NULL`, values: [] }
        : { text: `${name} = ?`, values: [condition.value] };
    case 'in': {
      const text = `${name} IN (${marks(condition.values.length)})`;
      return { text: condition.orNull ? `(${text} OR ${name} IS NULL)` : text, values: condition.values };
    }
    case 'from':
      return { text: `${name} >= ?`, values: [condition.value] };
    case 'before':
      return { text: `${name} < ?`, values: [condition.value] };
  }
};

const where = (parts: readonly Sql[]): Sql => ({
  text: parts.length === 0 ? '' : ` WHERE ${parts.map((part) => part.text).join(' AND ')}`,
  values: parts.flatMap((part) => part.values),
});

/** Reads one page, and one row more to see whether another page follows. */
export const findSql = (shape: CollectionShape, plan: FindPlan): Sql => {
  const key = quote(shape.primaryKey.name);
  const newest = plan.order === 'newest';
  const conditions = plan.conditions.map(toSql);
  if (plan.cursor !== undefined)
    conditions.push({ text: `${key} ${newest ? '<' : '>'} ?`, values: [plan.cursor] });
  const filter = where(conditions);
  return {
    text: `SELECT ${list(shape.columns)} FROM ${quote(shape.name)}${filter.text} ORDER BY ${key} ${newest ? 'DESC' : 'ASC'} LIMIT ?`,
    values: [...filter.values, plan.limit + 1],
  };
};

/** Reads one record by its key. */
export const getSql = (shape: CollectionShape, id: string): Sql => ({
  text: `SELECT ${list(shape.columns)} FROM ${quote(shape.name)} WHERE ${quote(shape.primaryKey.name)} = ?`,
  values: [encodeValue(shape.primaryKey, id)],
});

const figureText = ({ function: name, column }: PlannedFigure): string => {
  if (column === undefined) return 'COUNT(*)';
  const quoted = quote(column.name);
  switch (name) {
    case 'count':
      return `COUNT(${quoted})`;
    case 'sum':
      // As a real number, because a sum of integers beyond 2^63 is an error in SQLite.
      return `SUM(${quoted} * 1.0)`;
    case 'average':
      return `AVG(${quoted})`;
    case 'minimum':
      return `MIN(${quoted})`;
    case 'maximum':
      return `MAX(${quoted})`;
  }
};

/** Computes figures. The row holds the columns of the groups first, then the figures, in the order of the plan. */
export const aggregateSql = (shape: CollectionShape, plan: AggregatePlan): Sql => {
  const groups = list(plan.groupBy);
  const figures = plan.figures.map((figure, index) => `${figureText(figure)} AS "figure ${index}"`);
  const filter = where(plan.conditions.map(toSql));
  const selected = [...(groups === '' ? [] : [groups]), ...figures].join(', ');
  const grouping = groups === '' ? '' : ` GROUP BY ${groups} ORDER BY ${groups}`;
  return {
    text: `SELECT ${selected} FROM ${quote(shape.name)}${filter.text}${grouping}`,
    values: filter.values,
  };
};

/** Adds or replaces a record; the values are those of a stored row. */
export const putSqlText = (shape: CollectionShape): string => {
  const key = quote(shape.primaryKey.name);
  const others = shape.columns.filter((column) => column !== shape.primaryKey);
  const updates = others.map(({ name }) => `${quote(name)} = excluded.${quote(name)}`).join(', ');
  const action = updates === '' ? 'DO NOTHING' : `DO UPDATE SET ${updates}`;
  return `INSERT INTO ${quote(shape.name)} (${list(shape.columns)}) VALUES (${marks(shape.columns.length)}) ON CONFLICT (${key}) ${action}`;
};

/** Takes a record out; the value is its key. */
export const removeSqlText = (shape: CollectionShape): string =>
  `DELETE FROM ${quote(shape.name)} WHERE ${quote(shape.primaryKey.name)} = ?`;

/** The statements of one migration step, counted from 1. */
export const migrationSqlTexts = (shape: CollectionShape, stepNumber: number): readonly string[] => {
  const step = shape.definition.migrations[stepNumber - 1] ?? {};
  const table = quote(shape.name);
  const declarations = Object.entries(step.addColumns ?? {}).map(([name, type]) => {
    const constraint = name === shape.primaryKey.name ? ' PRIMARY KEY NOT NULL' : '';
    return `${quote(name)} ${typeNames[type]}${constraint}`;
  });
  const tables =
    stepNumber === 1
      ? [`CREATE TABLE ${table} (${declarations.join(', ')})`]
      : declarations.map((declaration) => `ALTER TABLE ${table} ADD COLUMN ${declaration}`);
  const indexes = (step.addIndexes ?? []).map(
    (columns, position) =>
      `CREATE INDEX ${quote(`millrace_${shape.name}_${stepNumber}_${position}`)} ON ${table} (${columns.map(quote).join(', ')})`,
  );
  return [...tables, ...indexes];
};
