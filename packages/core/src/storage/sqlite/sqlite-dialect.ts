import { cutRanges } from '../period.js';
import { quote, type SqlDialect } from '../statement.js';

/** SQL as SQLite speaks it. */
export const sqliteDialect: SqlDialect = {
  types: { text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'INTEGER', json: 'TEXT' },
  table: ({ name }) => quote(name),
  indexName: quote,
  // FLOOR is not in the SQLite of every Node.
  floor: (expression) => `CAST(${expression} AS INTEGER)`,
  includes: (column, text) => ({
    text: `EXISTS (SELECT 1 FROM json_each(CASE json_type(${column}) WHEN 'array' THEN ${column} END) AS e WHERE e.value = ?)`,
    values: [text],
  }),
  // The ranges come first, so that each of them is one search in an index; materialized, because SQLite would read the
  // JSON again for every row.
  ranges: (table, column, bounds, period) => ({
    from: {
      text: `(WITH read AS MATERIALIZED (SELECT value ->> 0 AS start, value ->> 1 AS low, value ->> 2 AS high FROM json_each(?)) SELECT start, low, high FROM read) AS ranges CROSS JOIN ${table} ON ${column} >= ranges.low AND ${column} < ranges.high`,
      values: [JSON.stringify(cutRanges(bounds, period).map(({ start, low, high }) => [start, low, high]))],
    },
    start: { text: 'ranges.start', values: [] },
  }),
  entries: (column) => ({
    join: ` CROSS JOIN json_each(CASE json_type(${column}) WHEN 'object' THEN ${column} END) AS entries`,
    key: 'entries.key',
    value: 'entries.value',
    condition: "entries.type IN ('integer', 'real')",
  }),
};
