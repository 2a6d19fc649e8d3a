import { ERROR_CODES, type ErrorCode } from '../../model/errors/error-code.js';
import { joinCircuits, type OpenCircuit } from './circuit.js';

/** The open circuits that processes share, by key. */
export type CircuitDocument = Readonly<Record<string, OpenCircuit>>;

/** A change to them. May be applied twice. */
export type CircuitChange =
  | { readonly type: 'open'; readonly key: string; readonly circuit: OpenCircuit }
  /** Closes what was opened until `at`; what was opened later stays. */
  | { readonly type: 'close'; readonly key: string; readonly at: number };

/** What nobody has tried for so long is forgotten, in milliseconds. */
export const FORGET_MS = 86_400_000;
/** What is skipped for the shortest time is forgotten when there is more: callers can name models that do not exist. */
const MAX_OPEN = 1_000;

const isCircuit = (value: unknown): value is OpenCircuit => {
  const { level, openedAt, until, code } = (value ?? {}) as Partial<OpenCircuit>;
  return (
    [level, openedAt, until].every((figure) => Number.isFinite(figure)) &&
    typeof code === 'string' &&
    Object.hasOwn(ERROR_CODES, code as ErrorCode)
  );
};

/** A document from parsed JSON; what cannot be read is left out. */
export const parseCircuits = (json: unknown): CircuitDocument =>
  Object.fromEntries(
    Object.entries(typeof json === 'object' && json !== null ? json : {}).filter(([, value]) =>
      isCircuit(value),
    ),
  );

/** The document with changes applied in their order; the same object when none makes a difference. */
export const changeCircuits = (
  document: CircuitDocument,
  changes: readonly CircuitChange[],
  now: number,
): CircuitDocument => {
  const next = new Map(Object.entries(document));
  let changed = false;
  for (const change of changes) {
    const known = next.get(change.key);
    if (change.type === 'open') {
      const joined = joinCircuits(known, change.circuit);
      if (joined === known) continue;
      next.set(change.key, joined);
      changed = true;
    } else if (known !== undefined && known.openedAt <= change.at) {
      next.delete(change.key);
      changed = true;
    }
  }
  if (!changed) return document;
  const kept = [...next].filter(([, { until }]) => until >= now - FORGET_MS);
  if (kept.length <= MAX_OPEN) return Object.fromEntries(kept);
  return Object.fromEntries(kept.sort(([, one], [, other]) => other.until - one.until).slice(0, MAX_OPEN));
};
