import type { Column } from './column.js';
import { type PlannedKey, planKey } from './group-key.js';
import type { ColumnType, RollUpDefinition } from './record-store.js';

/** A checked roll-up. */
export interface RollUp {
  readonly name: string;
  /** The number of the step that adds it. */
  readonly step: number;
  readonly time: Column;
  readonly spans: readonly number[];
  readonly keys: readonly PlannedKey[];
  readonly totals: readonly Column[];
  readonly counts: readonly Column[];
}

const areSpans = (spans: readonly number[]): boolean =>
  spans.length > 0 &&
  spans.every(
    (span, index) => Number.isSafeInteger(span) && span > 0 && span % (spans[index - 1] ?? 1) === 0,
  );

/** Checks a roll-up; `fail` throws. */
export const rollUpOf = (
  definition: RollUpDefinition,
  step: number,
  columnOf: (name: string) => Column | undefined,
  fail: (problem: string) => never,
): RollUp => {
  const { name, spans, totals = [], counts = [] } = definition;
  const what = `the roll-up "${name}"`;
  const find = (column: string, types: readonly ColumnType[]): Column => {
    const found = columnOf(column);
    if (found === undefined || !types.includes(found.type)) {
      return fail(`${what} needs a column "${column}" of ${types.join(', ')}`);
    }
    return found;
  };
  if (!areSpans(spans)) fail(`the spans of ${what} must rise, each a multiple of the one before`);
  const keys = definition.by.map((key) => planKey(key, find, fail));
  const unkept = keys.find(
    ({ kind, column }) => kind === 'range' || (kind === 'value' && column.type !== 'text'),
  );
  if (unkept !== undefined) fail(`${what} cannot be kept by "${unkept.column.name}"`);
  const entries = keys.filter(({ kind }) => kind === 'entry');
  if (entries.length > 1) fail(`${what} can have the entries of one column only`);
  const added = totals.map((column) =>
    entries.some((key) => key.column.name === column)
      ? find(column, ['json'])
      : find(column, ['integer', 'real']),
  );
  return {
    name,
    step,
    time: find(definition.time, ['integer']),
    spans,
    keys,
    totals: added,
    counts: counts.map((column) => find(column, ['text', 'integer', 'real', 'boolean', 'json'])),
  };
};
