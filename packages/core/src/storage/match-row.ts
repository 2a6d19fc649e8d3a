import type { Condition } from './query-plan.js';
import { compareStored, type StoredRow, type StoredValue } from './stored-value.js';

const isListWith = (list: unknown, text: string): boolean => Array.isArray(list) && list.includes(text);

/** Whether a value of the condition's column fulfils it. */
export const fulfils = (condition: Condition, value: StoredValue): boolean => {
  switch (condition.kind) {
    case 'equals':
      return value === condition.value;
    case 'in':
      return value === null ? condition.orNull : condition.values.includes(value);
    case 'from':
      return value !== null && compareStored(value, condition.value) >= 0;
    case 'before':
      return value !== null && compareStored(value, condition.value) < 0;
    case 'includes':
      return typeof value === 'string' && isListWith(JSON.parse(value), condition.value);
  }
};

/** Whether a row fulfils all conditions. */
export const matchesAll = (conditions: readonly Condition[], row: StoredRow): boolean =>
  conditions.every((condition) => fulfils(condition, row[condition.column.index] ?? null));
