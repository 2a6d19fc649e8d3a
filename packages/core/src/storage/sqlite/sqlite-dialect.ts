import { quote, type SqlDialect } from '../sql.js';

/** SQL as SQLite speaks it. */
export const sqliteDialect: SqlDialect = {
  types: { text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'INTEGER', json: 'TEXT' },
  table: ({ name }) => quote(name),
  indexName: quote,
};
