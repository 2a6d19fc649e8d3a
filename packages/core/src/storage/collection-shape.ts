import type { Column } from './column.js';
import type { CollectionDefinition } from './record-store.js';
import { type RollUp, rollUpOf } from './roll-up.js';
import { type Segments, segmentsOf } from './segments.js';
import { badStorageRequest } from './storage-error.js';

/** A checked collection definition with its steps summed up. */
export interface CollectionShape {
  readonly definition: CollectionDefinition;
  readonly name: string;
  readonly primaryKey: Column;
  /** In the order in which the steps added them. */
  readonly columns: readonly Column[];
  readonly byName: ReadonlyMap<string, Column>;
  /** In the order in which the steps added them. */
  readonly rollUps: readonly RollUp[];
  /** Undefined when no step adds any. */
  readonly segments: Segments | undefined;
  /** The number of steps. */
  readonly version: number;
}

const collectionName = /^[a-z][a-z0-9_]{0,62}$/;
const reservedName = /^(millrace|sqlite)_/;
const columnName = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/**
 * Checks a definition. Names that pass can be quoted into SQL as they are.
 *
 * @throws MillraceError `BAD_REQUEST` when a name or a step is not valid.
 */
export const shapeOf = (definition: CollectionDefinition): CollectionShape => {
  const { name, migrations } = definition;
  const fail = (problem: string): never => {
    throw badStorageRequest(`The collection definition "${name}" is not valid: ${problem}.`);
  };
  if (!collectionName.test(name) || reservedName.test(name)) {
    fail('its name must be lower-case letters, digits and "_", and not begin with "millrace_" or "sqlite_"');
  }
  const byName = new Map<string, Column>();
  const taken = new Set<string>();
  const rollUps: RollUp[] = [];
  let segments: Segments | undefined;
  for (const [position, step] of migrations.entries()) {
    for (const [column, type] of Object.entries(step.addColumns ?? {})) {
      if (!columnName.test(column)) fail(`"${column}" is not a column name`);
      // Databases do not tell upper from lower case in a column's name.
      if (taken.has(column.toLowerCase())) fail(`the column "${column}" is added twice`);
      taken.add(column.toLowerCase());
      byName.set(column, { name: column, type, index: byName.size });
    }
    for (const index of step.addIndexes ?? []) {
      const unknown = index.find((column) => !byName.has(column));
      if (unknown !== undefined || index.length === 0)
        fail(`an index names no known column (${unknown ?? 'empty'})`);
    }
    for (const rollUp of step.addRollUps ?? []) {
      if (!collectionName.test(rollUp.name)) fail(`"${rollUp.name}" is not a name for a roll-up`);
      if (rollUps.some((other) => other.name === rollUp.name)) fail(`it has two roll-ups "${rollUp.name}"`);
      rollUps.push(rollUpOf(rollUp, position + 1, (column) => byName.get(column), fail));
    }
    if (step.addSegments !== undefined) {
      segments = segmentsOf(step.addSegments, position + 1, (column) => byName.get(column), fail);
    }
  }
  const primaryKey = byName.get(definition.primaryKey);
  if (primaryKey?.type !== 'text' || migrations[0]?.addColumns?.[definition.primaryKey] === undefined) {
    throw badStorageRequest(
      `The collection definition "${name}" is not valid: its first step must add the primary key "${definition.primaryKey}" as text.`,
    );
  }
  return {
    definition,
    name,
    primaryKey,
    columns: [...byName.values()],
    byName,
    rollUps,
    segments,
    version: migrations.length,
  };
};
