import type { ColumnType } from './record-store.js';

/** A column and its place in a stored row. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly index: number;
}
