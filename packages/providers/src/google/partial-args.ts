import type { JsonObject, JsonValue } from '@millrace/core/model';
import { asList, asObject, asText } from '../transport/index.js';

interface WirePartialArg {
  readonly jsonPath?: unknown;
  readonly stringValue?: unknown;
  readonly numberValue?: unknown;
  readonly boolValue?: unknown;
  readonly nullValue?: unknown;
}

type Container = Record<string, JsonValue | undefined> | (JsonValue | undefined)[];

/** Names that would reach into the objects of the runtime. */
const FORBIDDEN: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** `$.a[0]['b c']` as its steps. */
const stepsOf = (path: string): readonly (string | number)[] =>
  [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g)].map(
    ([, name, index, single, double]) =>
      index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );

const readValue = (arg: WirePartialArg): JsonValue | undefined => {
  if (typeof arg.stringValue === 'string') return arg.stringValue;
  if (typeof arg.numberValue === 'number') return arg.numberValue;
  if (typeof arg.boolValue === 'boolean') return arg.boolValue;
  return arg.nullValue === undefined ? undefined : null;
};

const at = (container: Container, step: string | number): JsonValue | undefined =>
  (container as Record<string | number, JsonValue | undefined>)[step];

/** Put pieces of arguments where their paths say; text of the same place is joined. */
export const addPartialArgs = (args: JsonObject, pieces: unknown): void => {
  for (const piece of asList(pieces)) {
    const arg = asObject<WirePartialArg>(piece);
    const steps = stepsOf(asText(arg.jsonPath) ?? '');
    const value = readValue(arg);
    const last = steps.at(-1);
    if (last === undefined || value === undefined || steps.some((step) => FORBIDDEN.includes(String(step))))
      continue;
    let container = args as Container;
    for (const [index, step] of steps.slice(0, -1).entries()) {
      const inside = at(container, step);
      const fresh: Container = typeof steps[index + 1] === 'number' ? [] : {};
      const next = typeof inside === 'object' && inside !== null ? (inside as Container) : fresh;
      (container as Record<string | number, unknown>)[step] = next;
      container = next;
    }
    const before = at(container, last);
    (container as Record<string | number, unknown>)[last] =
      typeof before === 'string' && typeof value === 'string' ? before + value : value;
  }
};
