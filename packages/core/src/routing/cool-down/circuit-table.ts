import { LRUCache } from 'lru-cache';
import { type Circuit, CLOSED_CIRCUIT, type OpenCircuit } from './circuit.js';
import type { CoolDownChange, CoolDownEntry } from './cool-down-standing.js';

/** The circuits of this process. Bounded: callers can name models that do not exist. */
export interface CircuitTable {
  get(key: string): Circuit;
  /** What `get` would say is open, for less; mostly nothing is. */
  isOpen(key: string): boolean;
  /** Says when the listener must be told. */
  set(key: string, circuit: Circuit): void;
  /** Whether it was opened or closed after that moment. */
  changedSince(key: string, moment: number): boolean;
  /** A moment that is after everything before. */
  moment(): number;
  open(): [key: string, circuit: OpenCircuit][];
  keys(): string[];
}

interface Kept extends Circuit {
  readonly changed: number;
}

const MAX_CIRCUITS = 10_000;

/** Names a circuit: of a model, or of the whole provider. */
export const circuitKey = (provider: string, model?: string): string =>
  model === undefined ? provider : `${provider}\n${model}`;

const namesOf = (key: string): { provider: string; model: string | undefined } => {
  const end = key.indexOf('\n');
  return end < 0
    ? { provider: key, model: undefined }
    : { provider: key.slice(0, end), model: key.slice(end + 1) };
};

/** An open circuit in words for the host. */
export const entryOf = (key: string, { level, until, code }: OpenCircuit): CoolDownEntry => ({
  ...namesOf(key),
  level,
  until,
  code,
});

/** An empty table. */
export const createCircuitTable = (
  onChange: ((change: CoolDownChange) => void) | undefined,
): CircuitTable => {
  const openKeys = new Set<string>();
  const circuits = new LRUCache<string, Kept>({
    max: MAX_CIRCUITS,
    dispose: (_, key, reason) => {
      if (reason === 'evict') openKeys.delete(key);
    },
  });
  let moments = 0;

  const tell = (key: string, open: OpenCircuit | undefined): void => {
    if (onChange === undefined) return;
    try {
      onChange(
        open === undefined
          ? { type: 'cool-down-end', ...namesOf(key) }
          : { type: 'cool-down-start', ...entryOf(key, open) },
      );
    } catch {
      // A listener of the host must not harm a call.
    }
  };

  return {
    get: (key) => circuits.get(key) ?? CLOSED_CIRCUIT,
    isOpen: (key) => openKeys.has(key),
    set(key, { failures, open }) {
      const before = circuits.get(key);
      const isNew = before?.open?.until !== open?.until || before?.open?.level !== open?.level;
      if (isNew) moments += 1;
      if (open === undefined) openKeys.delete(key);
      else openKeys.add(key);
      circuits.set(key, { failures, open, changed: isNew ? moments : (before?.changed ?? 0) });
      if (isNew) tell(key, open);
    },
    changedSince: (key, moment) => (circuits.get(key)?.changed ?? 0) > moment,
    moment: () => moments,
    open: () =>
      [...openKeys].flatMap((key) => {
        const open = circuits.peek(key)?.open;
        return open === undefined ? [] : [[key, open] satisfies [string, OpenCircuit]];
      }),
    keys: () => [...circuits.keys()],
  };
};
