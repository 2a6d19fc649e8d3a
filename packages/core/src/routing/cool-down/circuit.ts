import type { ErrorCode } from '../../model/errors/error-code.js';
import { type CheckedPolicy, coolDownMs } from './cool-down-policy.js';

/** Something that is skipped until a time, and then tried by one call at a time. */
export interface OpenCircuit {
  /** How many times in a row it was opened: 1 for the first. */
  readonly level: number;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** When the first trial may begin, in milliseconds since 1970. */
  readonly until: number;
  /** The failure that opened it. */
  readonly code: ErrorCode;
}

/** What is known of a provider, or of a model of it. */
export interface Circuit {
  /** Failures in a row, while it is called normally. */
  readonly failures: number;
  /** Set while it is skipped or tried. */
  readonly open?: OpenCircuit | undefined;
}

/** A call that failed, in so far as it says something. */
export interface CircuitFailure {
  readonly code: ErrorCode;
  readonly retryAfterMs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The call was the trial of an open circuit. */
  readonly trial: boolean;
}

/** A circuit that nothing is known of. */
export const CLOSED_CIRCUIT: Circuit = { failures: 0 };

/** The circuit after a failure. Only a trial can fail an open one: other calls began when it was thought to work. */
export const afterFailure = (circuit: Circuit, failure: CircuitFailure, policy: CheckedPolicy): Circuit => {
  const { code, retryAfterMs, at, trial } = failure;
  if (circuit.open !== undefined && !trial) return circuit;
  const failures = circuit.failures + 1;
  if (circuit.open === undefined && failures < policy.failures) return { failures };
  const level = (circuit.open?.level ?? 0) + 1;
  return {
    failures,
    open: { level, openedAt: at, until: at + coolDownMs(level, retryAfterMs, policy), code },
  };
};

/** Two processes opened the same circuit: the longer time and the higher level hold. */
export const joinCircuits = (one: OpenCircuit | undefined, other: OpenCircuit): OpenCircuit => {
  if (one === undefined) return other;
  const later = one.until >= other.until ? one : other;
  const level = Math.max(one.level, other.level);
  return later.level === level ? later : { ...later, level };
};
