import { quote, type SqlDialect } from '../sql.js';

/** SQL as Postgres speaks it. Text is compared by code points, whatever the language of the database. */
export const postgresDialect = (schema: string): SqlDialect => ({
  types: {
    text: 'TEXT COLLATE "C"',
    integer: 'BIGINT',
    real: 'DOUBLE PRECISION',
    boolean: 'SMALLINT',
    json: 'TEXT',
  },
  table: ({ name }) => `${quote(schema)}.${quote(name)}`,
  indexName: undefined,
});
