import type { StatementSync } from 'node:sqlite';
import type { StoredRow, StoredValue } from '../../stored-value.js';

interface ArrayStatement {
  setReturnArrays?(enabled: boolean): void;
}

/** Runs a statement and goes through its rows as lists of values, which takes half the time of objects. */
export function* rowsOf(
  statement: StatementSync,
  values: readonly StoredValue[] = [],
): Generator<StoredRow, void> {
  const { setReturnArrays } = statement as ArrayStatement;
  // Not in every Node that is supported.
  setReturnArrays?.call(statement, true);
  for (const row of statement.iterate(...values)) {
    yield (Array.isArray(row) ? row : Object.values(row)) as StoredRow;
  }
}
