import { quote, type SqlDialect } from '../statement.js';

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
  floor: (expression) => `FLOOR(${expression})`,
  includes: (column, text) => ({
    text: `EXISTS (SELECT FROM json_array_elements(CASE json_typeof(${column}::json) WHEN 'array' THEN ${column}::json END) AS e WHERE e::text = ?)`,
    values: [JSON.stringify(text)],
  }),
  ranges: (table, column, bounds, period) => {
    const [first = 0] = bounds;
    const last = bounds.at(-1) ?? first;
    const list = `{${bounds.join(',')}}`;
    const value = `CAST(${column} AS DOUBLE PRECISION)`;
    return {
      from: {
        text: `(SELECT ?::double precision[] AS bounds) AS ranges JOIN ${table} ON ${column} >= ? AND ${column} < ?`,
        values: [list, Math.max(first, period.from ?? first), Math.min(last, period.before ?? last)],
      },
      start: { text: `ranges.bounds[width_bucket(${value}, ranges.bounds)]`, values: [] },
    };
  },
  entries: (column) => ({
    join: ` CROSS JOIN LATERAL json_each(CASE json_typeof(${column}::json) WHEN 'object' THEN ${column}::json END) AS entries`,
    key: 'entries.key COLLATE "C"',
    value: "(entries.value #>> '{}')",
    condition: "json_typeof(entries.value) = 'number'",
  }),
});
