import type { JsonObject } from '@millrace/core/model';

// Reading what a vendor sent: any field may be missing or of another type.

/** An object, to read fields from; an empty one in place of anything else. */
export const asObject = <Shape extends object>(value: unknown): Shape =>
  (typeof value === 'object' && value !== null ? value : {}) as Shape;

/** The text, unless it is empty or no text. */
export const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A count: finite and not negative. */
export const asCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** The list; an empty one in place of anything else. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Whether it is an object or a list. */
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** The value of a JSON text; `undefined` when it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
