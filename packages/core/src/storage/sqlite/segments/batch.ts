import type { Column } from '../../column.js';
import type { ColumnValues } from './column-values.js';

/** Some records whose columns can be read one by one: those of a segment, or some that are in none. */
export interface Batch {
  readonly count: number;
  values(column: Column): ColumnValues;
}

/** Records of a batch by their places in it; one stands several times where it is counted by its entries. */
export interface Selection {
  readonly places: Uint32Array;
  readonly length: number;
  /** For each place, the item of the column that is grouped by entry. */
  readonly items: Uint32Array | undefined;
}
