import type { CollectionShape } from './collection-shape.js';
import type { Column } from './column.js';
import type { Period } from './period.js';
import type { Condition } from './query-plan.js';
import type { ColumnType } from './record-store.js';
import type { StoredValue } from './stored-value.js';

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
  /** The whole part of an expression that is not negative. */
  readonly floor: (expression: string) => string;
  /** Whether a JSON list holds a text. */
  readonly includes: (column: string, text: string) => Sql;
  /** The rows of a table within a period, each with the range that it is in; those in none are left out. */
  readonly ranges: (table: string, column: string, bounds: readonly number[], period: Period) => RangesSql;
  /** What is added to a `FROM`, so that each row stands once for every number in its JSON object. */
  readonly entries: (column: string) => EntriesSql;
}

/** Rows and the ranges that they are in. */
interface RangesSql {
  readonly from: Sql;
  /** Where the range of a row begins. */
  readonly start: Sql;
}

/** Rows and their entries. */
export interface EntriesSql {
  readonly join: string;
  readonly key: string;
  readonly value: string;
  /** What is an entry with a number. */
  readonly condition: string;
}

/** A name as SQL. Names come from a checked shape: letters, digits and `_`. */
export const quote = (name: string): string => `"${name}"`;

/** Placeholders for so many values. */
export const marks = (count: number): string => Array(count).fill('?').join(', ');

/** A column of the table that a query reads, which is always called `r`. */
export const columnSql = ({ name }: Column): string => `r.${quote(name)}`;

/** A condition on a row. */
export const conditionSql = (
  dialect: SqlDialect,
  condition: Condition,
  name: string = columnSql(condition.column),
): Sql => {
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
    case 'includes':
      return dialect.includes(name, condition.value);
  }
};

/** All of some conditions, as the end of a `FROM`. */
export const whereSql = (parts: readonly Sql[]): Sql => ({
  text: parts.length === 0 ? '' : ` WHERE ${parts.map((part) => part.text).join(' AND ')}`,
  values: parts.flatMap((part) => part.values),
});
