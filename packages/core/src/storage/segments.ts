import type { Column } from './column.js';
import type { ColumnType, SegmentsDefinition } from './record-store.js';

/** Checked segments. */
export interface Segments {
  /** The number of the step that adds them. */
  readonly step: number;
  readonly time: Column;
  /** Has `time` too. */
  readonly columns: readonly Column[];
  /** How many records a segment holds. */
  readonly size: number;
}

// Long enough that what is done once for each is little, short enough that writing one does not delay a transaction.
const SIZE = 4_096;
const MAX_SIZE = 65_536;
/** Columns are numbered within a segment, in a byte. */
const MAX_COLUMNS = 250;

/** Checks segments; `fail` throws. */
export const segmentsOf = (
  definition: SegmentsDefinition,
  step: number,
  columnOf: (name: string) => Column | undefined,
  fail: (problem: string) => never,
): Segments => {
  const { columns: names, size = SIZE } = definition;
  const find = (name: string, types?: readonly ColumnType[]): Column => {
    const found = columnOf(name);
    return found !== undefined && (types?.includes(found.type) ?? true)
      ? found
      : fail(`the segments need a column "${name}"${types === undefined ? '' : ` of ${types.join(', ')}`}`);
  };
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    fail(`the size of a segment must be a whole number from 1 to ${MAX_SIZE}`);
  }
  const time = find(definition.time, ['integer']);
  const columns = [...new Set([time, ...names.map((name) => find(name))])];
  if (columns.length > MAX_COLUMNS) fail(`segments can have at most ${MAX_COLUMNS} columns`);
  return { step, time, columns, size };
};
