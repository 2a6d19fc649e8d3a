import type { CollectionShape } from './collection-shape.js';
import type { Column } from './column.js';
import type { FindPlan } from './query-plan.js';
import { columnSql, conditionSql, marks, quote, type Sql, type SqlDialect, whereSql } from './statement.js';
import { encodeValue } from './stored-value.js';

const list = (columns: readonly Column[]): string => columns.map((column) => quote(column.name)).join(', ');

/** Where records are looked for. */
export interface FindSource {
  /** What has the table as `r`. Default: the table alone. */
  readonly from?: string | undefined;
  /** A column as conditions name it. Default: as it is. */
  readonly nameOf?: ((column: Column) => string) | undefined;
}

/** Reads one page, and one row more to see whether another page follows. */
export const findSql = (
  dialect: SqlDialect,
  shape: CollectionShape,
  plan: FindPlan,
  { from, nameOf }: FindSource = {},
): Sql => {
  const { orderBy, after, order } = plan;
  const [behind, direction] = order === 'descending' ? ['<', 'DESC'] : ['>', 'ASC'];
  const keys = [...(orderBy === undefined ? [] : [orderBy]), shape.primaryKey].map(columnSql);
  const conditions = plan.conditions.map((condition) =>
    conditionSql(dialect, condition, nameOf?.(condition.column)),
  );
  if (orderBy !== undefined && after === undefined) {
    conditions.push({ text: `${columnSql(orderBy)} IS NOT NULL`, values: [] });
  }
  if (after !== undefined) {
    const place = orderBy === undefined ? [after.id] : [after.value, after.id];
    conditions.push({ text: `(${keys.join(', ')}) ${behind} (${marks(keys.length)})`, values: place });
  }
  const filter = whereSql(conditions);
  const sorting = keys.map((key) => `${key} ${direction}`).join(', ');
  return {
    text: `SELECT ${shape.columns.map(columnSql).join(', ')} FROM ${from ?? `${dialect.table(shape)} AS r`}${filter.text} ORDER BY ${sorting} LIMIT ?`,
    values: [...filter.values, plan.limit + 1],
  };
};

/** Reads one record by its key. */
export const getSql = (dialect: SqlDialect, shape: CollectionShape, id: string): Sql => ({
  text: `SELECT ${list(shape.columns)} FROM ${dialect.table(shape)} WHERE ${quote(shape.primaryKey.name)} = ?`,
  values: [encodeValue(shape.primaryKey, id)],
});

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

/** Changes some columns of a record; the values are theirs, then its key. */
export const updateSqlText = (
  dialect: SqlDialect,
  shape: CollectionShape,
  columns: readonly Column[],
): string => {
  const changes = columns.map(({ name }) => `${quote(name)} = ?`).join(', ');
  return `UPDATE ${dialect.table(shape)} SET ${changes} WHERE ${quote(shape.primaryKey.name)} = ?`;
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
