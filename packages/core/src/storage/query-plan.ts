import { wellFormed } from '../internal/well-formed.js';
import type { CollectionShape } from './collection-shape.js';
import type { Column } from './column.js';
import { type PlannedKey, planKey } from './group-key.js';
import { thousandthsIn } from './percentile.js';
import type { Aggregate, AggregateQuery, ColumnType, RecordFilter, RecordQuery } from './record-store.js';
import { badStorageRequest } from './storage-error.js';
import { encodeValue, type StoredRow, type StoredValue } from './stored-value.js';

/** One thing that a record must fulfil. */
export type Condition =
  | { readonly kind: 'equals'; readonly column: Column; readonly value: StoredValue }
  | {
      readonly kind: 'in';
      readonly column: Column;
      readonly values: readonly (string | number)[];
      readonly orNull: boolean;
    }
  | { readonly kind: 'from' | 'before'; readonly column: Column; readonly value: string | number }
  | { readonly kind: 'includes'; readonly column: Column; readonly value: string };

/** Where a page ended. */
interface Place {
  readonly id: string;
  /** The value of the column that is ordered by; null where that is the primary key. */
  readonly value: StoredValue;
}

/** A checked query: every column exists and every value fits its column. */
export interface FindPlan {
  readonly conditions: readonly Condition[];
  readonly order: 'descending' | 'ascending';
  /** Undefined for the primary key. */
  readonly orderBy: Column | undefined;
  readonly limit: number;
  readonly after: Place | undefined;
}

/** A figure with its column found. Only `count` can do without one. The sum of a `json` column is that of its entries. */
export interface PlannedFigure {
  readonly name: string;
  readonly function: Aggregate['function'];
  readonly column: Column | undefined;
  /** Which records of a group it is about. The same list for figures of the same records. */
  readonly conditions: readonly Condition[];
  /** Of a percentile, in thousandths of a percent. */
  readonly thousandths: number | undefined;
}

/** A checked aggregate query. */
export interface AggregatePlan {
  readonly conditions: readonly Condition[];
  readonly groupBy: readonly PlannedKey[];
  readonly figures: readonly PlannedFigure[];
}

const MAX_LIMIT = 1000;
const MAX_LIST = 1000;
/** The first whole number that no column can hold. */
const BEYOND_INTEGERS = 2 ** 53;
const conditionKeys = new Set(['in', 'from', 'before', 'includes']);

const columnOf = (
  shape: CollectionShape,
  name: string,
  use: string,
  types: readonly ColumnType[],
): Column => {
  const column = shape.byName.get(name);
  if (column === undefined) {
    throw badStorageRequest(
      `The collection "${shape.name}" has no column "${name}". It has ${[...shape.byName.keys()].join(', ')}.`,
    );
  }
  if (!types.includes(column.type)) {
    throw badStorageRequest(`The column "${name}" holds ${column.type} and cannot be used ${use}.`);
  }
  return column;
};

const comparable: readonly ColumnType[] = ['text', 'integer', 'real', 'boolean'];
const ordered: readonly ColumnType[] = ['text', 'integer', 'real'];
const numeric: readonly ColumnType[] = ['integer', 'real'];
const all: readonly ColumnType[] = [...comparable, 'json'];

const bound = (column: Column, kind: 'from' | 'before', value: unknown): Condition => {
  const encoded = column.type === 'integer' ? encodeBound(column, value) : encodeValue(column, value);
  if (encoded === null) throw badStorageRequest(`"${kind}" on the column "${column.name}" cannot be null.`);
  return { kind, column, value: encoded };
};

// A bound need not be a value that the column can hold: times are compared with fractions too. For whole numbers,
// the next whole number above it means the same on either side.
const encodeBound = (column: Column, value: unknown): StoredValue => {
  const encoded = encodeValue({ ...column, type: 'real' }, value);
  if (encoded === null) return null;
  return Math.max(-BEYOND_INTEGERS, Math.min(BEYOND_INTEGERS, Math.ceil(Number(encoded)))) + 0;
};

const planIncludes = (column: Column, entry: object): Condition => {
  const { includes: value } = entry as { includes?: unknown };
  if (typeof value !== 'string' || Object.keys(entry).length > 1) {
    throw badStorageRequest(
      `The filter on "${column.name}" takes a text as "includes", and nothing beside it.`,
    );
  }
  return { kind: 'includes', column, value: wellFormed(value) };
};

const planEntry = (shape: CollectionShape, name: string, entry: unknown): readonly Condition[] => {
  const includes = typeof entry === 'object' && entry !== null && 'includes' in entry;
  const column = columnOf(shape, name, 'in a filter', includes ? ['json'] : comparable);
  if (entry === undefined) {
    throw badStorageRequest(`The filter on "${name}" is undefined. Leave it out to match every record.`);
  }
  if (typeof entry !== 'object' || entry === null) {
    return [{ kind: 'equals', column, value: encodeValue(column, entry) }];
  }
  const unknown = Object.keys(entry).find((key) => !conditionKeys.has(key));
  if (unknown !== undefined) {
    throw badStorageRequest(
      `The filter on "${name}" has "${unknown}"; it can have "in", "from" and "before", and on JSON "includes".`,
    );
  }
  if (includes) return [planIncludes(column, entry)];
  const { in: list, from, before } = entry as { in?: unknown; from?: unknown; before?: unknown };
  const conditions: Condition[] = [];
  if (list !== undefined) {
    if (!Array.isArray(list) || list.length > MAX_LIST) {
      throw badStorageRequest(`The filter on "${name}" takes a list of at most ${MAX_LIST} values as "in".`);
    }
    const encoded = list.map((value) => encodeValue(column, value));
    const values = encoded.filter((value) => value !== null);
    conditions.push({ kind: 'in', column, values, orNull: values.length < encoded.length });
  }
  if (from !== undefined || before !== undefined) {
    columnOf(shape, name, 'with "from" or "before"', ordered);
    if (from !== undefined) conditions.push(bound(column, 'from', from));
    if (before !== undefined) conditions.push(bound(column, 'before', before));
  }
  return conditions;
};

const planConditions = (shape: CollectionShape, where: RecordFilter = {}): readonly Condition[] =>
  Object.entries(where).flatMap(([name, entry]) => planEntry(shape, name, entry));

const ORDERS: Readonly<Record<string, FindPlan['order']>> = {
  newest: 'descending',
  descending: 'descending',
  oldest: 'ascending',
  ascending: 'ascending',
};

const badCursor = () =>
  badStorageRequest('"cursor" must be the "next" of the page before, in the same order.');

const placeOf = (cursor: unknown, orderBy: Column | undefined): Place => {
  if (typeof cursor !== 'string' || cursor === '') throw badCursor();
  if (orderBy === undefined) return { id: cursor, value: null };
  try {
    const [value, id, ...rest] = JSON.parse(cursor) as readonly unknown[];
    const encoded = encodeStored(orderBy, value);
    if (typeof id === 'string' && encoded !== null && rest.length === 0) return { id, value: encoded };
  } catch {
    // Refused below.
  }
  throw badCursor();
};

// Text of a cursor is in its stored form already.
const encodeStored = (column: Column, value: unknown): StoredValue =>
  column.type === 'text' && typeof value === 'string' ? value : encodeValue(column, value);

/** The cursor that goes on behind a row. */
export const cursorOf = ({ orderBy }: FindPlan, primaryKey: Column, row: StoredRow): string => {
  const id = String(row[primaryKey.index]);
  return orderBy === undefined ? id : JSON.stringify([row[orderBy.index] ?? null, id]);
};

/**
 * Checks a query and fills in its defaults.
 *
 * @throws MillraceError `BAD_REQUEST` when it names an unknown column or has a value out of range.
 */
export const planFind = (shape: CollectionShape, query: RecordQuery = {}): FindPlan => {
  const { where, limit = 100, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw badStorageRequest(`"limit" must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  const order = Object.hasOwn(ORDERS, query.order ?? 'newest') ? ORDERS[query.order ?? 'newest'] : undefined;
  if (order === undefined) {
    throw badStorageRequest('"order" must be "newest", "oldest", "descending" or "ascending".');
  }
  const asked =
    query.orderBy === undefined ? undefined : columnOf(shape, query.orderBy, 'to order by', ordered);
  const orderBy = asked === shape.primaryKey ? undefined : asked;
  const after = cursor === undefined ? undefined : placeOf(cursor, orderBy);
  return { conditions: planConditions(shape, where), order, orderBy, limit, after };
};

/** Finds the column of a figure. */
const figureColumn = (
  shape: CollectionShape,
  name: string,
  figure: Aggregate,
  entries: PlannedKey | undefined,
): Column | undefined => {
  const find = (types: readonly ColumnType[]): Column =>
    columnOf(shape, figure.column ?? '', `in a ${figure.function}`, types);
  switch (figure.function) {
    case 'count':
      return figure.column === undefined ? undefined : find(all);
    case 'sum':
    case 'total':
    case 'average':
      return find(figure.column === entries?.column.name ? all : numeric);
    case 'minimum':
    case 'maximum':
      return find(ordered);
    case 'percentile':
      return find(numeric);
    default:
      throw badStorageRequest(
        `The figure "${name}" needs one of the functions count, sum, total, average, minimum, maximum, percentile.`,
      );
  }
};

const thousandthsOf = (name: string, figure: Aggregate): number | undefined => {
  if (figure.function !== 'percentile') return undefined;
  const thousandths = thousandthsIn(figure.percent);
  if (thousandths === undefined) {
    throw badStorageRequest(
      `"percent" of the figure "${name}" must be from 0.001 to 100, with three decimals at most.`,
    );
  }
  if (figure.scale !== 'logarithmic') {
    throw badStorageRequest(`"scale" of the figure "${name}" must be "logarithmic".`);
  }
  if ('where' in figure) {
    throw badStorageRequest(`The percentile "${name}" has a "where". Filter the query instead.`);
  }
  return thousandths;
};

const planFigures = (
  shape: CollectionShape,
  figures: AggregateQuery['figures'],
  entries: PlannedKey | undefined,
): readonly PlannedFigure[] => {
  const known = new Map<string, readonly Condition[]>();
  const conditionsOf = (where: RecordFilter = {}): readonly Condition[] => {
    const planned = planConditions(shape, where);
    const key = JSON.stringify(planned);
    const conditions = known.get(key) ?? planned;
    known.set(key, conditions);
    return conditions;
  };
  return Object.entries(figures).map(([name, figure]) => ({
    name,
    function: figure.function,
    column: figureColumn(shape, name, figure, entries),
    thousandths: thousandthsOf(name, figure),
    conditions: conditionsOf('where' in figure ? figure.where : undefined),
  }));
};

const planKeys = (shape: CollectionShape, groupBy: AggregateQuery['groupBy'] = []): readonly PlannedKey[] => {
  const fail = (problem: string): never => {
    throw badStorageRequest(problem);
  };
  const keys = groupBy.map((key) =>
    planKey(key, (name, types) => columnOf(shape, name, 'to group by', types), fail),
  );
  for (const kind of ['range', 'entry'] as const) {
    if (keys.filter((key) => key.kind === kind).length > 1)
      fail('A query groups by one list of bounds, and by the entries of one column.');
  }
  const made = keys.find(
    ({ kind, column }) => kind !== 'value' && keys.filter((key) => key.column === column).length > 1,
  );
  if (made !== undefined) fail(`A query groups by "${made.column.name}" in one way only.`);
  return keys;
};

/**
 * Checks an aggregate query.
 *
 * @throws MillraceError `BAD_REQUEST` when it names an unknown column, or one of a type that cannot be counted so.
 */
export const planAggregate = (shape: CollectionShape, query: AggregateQuery): AggregatePlan => {
  const groupBy = planKeys(shape, query.groupBy);
  const entries = groupBy.find(({ kind }) => kind === 'entry');
  const figures = planFigures(shape, query.figures, entries);
  const clash = figures.find((figure) => groupBy.some(({ column }) => column.name === figure.name));
  if (clash !== undefined) {
    throw badStorageRequest(
      `"${clash.name}" is both a figure and a column to group by. Name the figure otherwise.`,
    );
  }
  if (figures.length === 0) throw badStorageRequest('An aggregate query needs at least one figure.');
  return { conditions: planConditions(shape, query.where), groupBy, figures };
};
