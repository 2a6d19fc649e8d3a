import type { CollectionShape, Column } from './collection-shape.js';
import type { AggregatePlan, Condition, FindPlan, PlannedFigure } from './query-plan.js';
import type { AggregateRow, ColumnType, RecordPage, Scalar } from './record-store.js';
import { decodeRow, decodeScalar, encodeValue, type StoredRow, type StoredValue } from './stored-value.js';

/** A statement and the values of its placeholders. Values are never part of the text. */
export interface Sql {
  readonly text: string;
  readonly values: readonly StoredValue[];
}

/** Where databases differ. Placeholders are `?` in all texts. */
export interface SqlDialect {
  readonly types: Readonly<Record<ColumnType, string>>;
  /** The table of a collection, quoted. */
  readonly table: (shape: CollectionShape) => string;
  /** The name of an index, quoted; undefined where the database finds one itself. */
  readonly indexName: ((name: string) => string) | undefined;
}

/** A name as SQL. Names come from a checked shape: letters, digits and `_`. */
export const quote = (name: string): string => `"${name}"`;
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
      // Not every database takes an empty list.
      const text = condition.values.length === 0 ? '1 = 0' : `${name} IN (${marks(condition.values.length)})`;
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
export const findSql = (dialect: SqlDialect, shape: CollectionShape, plan: FindPlan): Sql => {
  const key = quote(shape.primaryKey.name);
  const newest = plan.order === 'newest';
  const conditions = plan.conditions.map(toSql);
  if (plan.cursor !== undefined)
    conditions.push({ text: `${key} ${newest ? '<' : '>'} ?`, values: [plan.cursor] });
  const filter = where(conditions);
  return {
    text: `SELECT ${list(shape.columns)} FROM ${dialect.table(shape)}${filter.text} ORDER BY ${key} ${newest ? 'DESC' : 'ASC'} LIMIT ?`,
    values: [...filter.values, plan.limit + 1],
  };
};

/** Reads one record by its key. */
export const getSql = (dialect: SqlDialect, shape: CollectionShape, id: string): Sql => ({
  text: `SELECT ${list(shape.columns)} FROM ${dialect.table(shape)} WHERE ${quote(shape.primaryKey.name)} = ?`,
  values: [encodeValue(shape.primaryKey, id)],
});

const figureText = ({ function: name, column }: PlannedFigure): string => {
  if (column === undefined) return 'COUNT(*)';
  const quoted = quote(column.name);
  switch (name) {
    case 'count':
      return `COUNT(${quoted})`;
    case 'sum':
      // As a real number, because a sum of integers can go beyond 2^63.
      return `SUM(CAST(${quoted} AS DOUBLE PRECISION))`;
    case 'average':
      return `AVG(CAST(${quoted} AS DOUBLE PRECISION))`;
    case 'minimum':
      return `MIN(${quoted})`;
    case 'maximum':
      return `MAX(${quoted})`;
  }
};

/** Computes figures. The row holds the columns of the groups first, then the figures, in the order of the plan. */
export const aggregateSql = (dialect: SqlDialect, shape: CollectionShape, plan: AggregatePlan): Sql => {
  const groups = list(plan.groupBy);
  const figures = plan.figures.map((figure, index) => `${figureText(figure)} AS "figure ${index}"`);
  const filter = where(plan.conditions.map(toSql));
  const selected = [...(groups === '' ? [] : [groups]), ...figures].join(', ');
  const order = plan.groupBy.map((column) => `${quote(column.name)} NULLS FIRST`).join(', ');
  const grouping = groups === '' ? '' : ` GROUP BY ${groups} ORDER BY ${order}`;
  return {
    text: `SELECT ${selected} FROM ${dialect.table(shape)}${filter.text}${grouping}`,
    values: filter.values,
  };
};

/**
 * Adds or replaces records. They come from `source`, a `VALUES` or `SELECT` with the columns of a stored row. Default:
 * one record, whose values are those of the placeholders.
 */
export const putSqlText = (
  dialect: SqlDialect,
  shape: CollectionShape,
  source = `VALUES (${marks(shape.columns.length)})`,
): string => {
  const key = quote(shape.primaryKey.name);
  const others = shape.columns.filter((column) => column !== shape.primaryKey);
  const updates = others.map(({ name }) => `${quote(name)} = excluded.${quote(name)}`).join(', ');
  const action = updates === '' ? 'DO NOTHING' : `DO UPDATE SET ${updates}`;
  return `INSERT INTO ${dialect.table(shape)} (${list(shape.columns)}) ${source} ON CONFLICT (${key}) ${action}`;
};

/** Takes a record out; the value is its key. */
export const removeSqlText = (dialect: SqlDialect, shape: CollectionShape): string =>
  `DELETE FROM ${dialect.table(shape)} WHERE ${quote(shape.primaryKey.name)} = ?`;

/** The statements of one migration step, counted from 1. */
export const migrationSqlTexts = (
  dialect: SqlDialect,
  shape: CollectionShape,
  stepNumber: number,
): readonly string[] => {
  const step = shape.definition.migrations[stepNumber - 1] ?? {};
  const table = dialect.table(shape);
  const declarations = Object.entries(step.addColumns ?? {}).map(([name, type]) => {
    const constraint = name === shape.primaryKey.name ? ' PRIMARY KEY NOT NULL' : '';
    return `${quote(name)} ${dialect.types[type]}${constraint}`;
  });
  const tables =
    stepNumber === 1
      ? [`CREATE TABLE ${table} (${declarations.join(', ')})`]
      : declarations.map((declaration) => `ALTER TABLE ${table} ADD COLUMN ${declaration}`);
  const indexes = (step.addIndexes ?? []).map(
    (columns, position) =>
      `CREATE INDEX ${dialect.indexName?.(`millrace_${shape.name}_${stepNumber}_${position}`) ?? ''} ON ${table} (${columns.map(quote).join(', ')})`,
  );
  return [...tables, ...indexes];
};

/** The page that a find read, from its rows. */
export const decodePage = <Row extends object>(
  shape: CollectionShape,
  plan: FindPlan,
  stored: readonly StoredRow[],
): RecordPage<Row> => {
  const rows = stored.slice(0, plan.limit).map((row) => decodeRow<Row>(shape, row));
  if (stored.length <= plan.limit) return { rows };
  return { rows, next: String(stored[plan.limit - 1]?.[shape.primaryKey.index]) };
};

/** The groups that an aggregate read, from its rows. */
export const decodeAggregate = (plan: AggregatePlan, stored: readonly StoredRow[]): readonly AggregateRow[] =>
  stored.map((row) => {
    const groups = plan.groupBy.map(
      ({ name, type }, index) => [name, decodeScalar(type, row[index])] as const,
    );
    const figures = plan.figures.map(({ name }, index): readonly [string, Scalar] => [
      name,
      row[plan.groupBy.length + index] ?? null,
    ]);
    return Object.fromEntries([...groups, ...figures]);
  });
