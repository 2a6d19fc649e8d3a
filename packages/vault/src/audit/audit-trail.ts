/** What was done. */
export type AuditAction =
  | 'create-vault'
  | 'save'
  | 'verify'
  | 'enable'
  | 'disable'
  | 'set-priority'
  | 'rotate'
  | 'remove'
  /** The old key of a rotation is gone, its grace period being over. */
  | 'expire'
  /** A key was handed out, `count` times since the entry before. */
  | 'use'
  | 'reveal'
  /** A vendor refused the key. */
  | 'refused'
  | 'export'
  | 'import'
  | 'rotate-master-key';

/** Something to remember. Holds no key. */
export interface AuditFact {
  readonly actor: string;
  readonly action: AuditAction;
  readonly outcome: 'success' | 'failure';
  /** The id of the record. */
  readonly keyId?: string | undefined;
  /** The record in words, such as `openai/main (prod)`. */
  readonly key?: string | undefined;
  readonly count?: number | undefined;
  /** More about it, such as the code of an error. */
  readonly note?: string | undefined;
}

/** A fact in the chain. */
export interface AuditEntry extends AuditFact {
  /** Counts from 1. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The hash of the entry before; empty for the first. */
  readonly previous: string;
  /** BLAKE2b over everything above, in hex. */
  readonly hash: string;
}

/** The end of a chain, kept elsewhere so that a cut end shows. */
export interface AuditHead {
  readonly count: number;
  readonly hash: string;
}

/** Remembers facts in order. Appends of many processes follow each other. */
export interface AuditTrail {
  /** @throws MillraceError `STORAGE`, `CONFLICT`, or `TAMPERED` when the end of the trail is not what it should be. */
  append(fact: AuditFact): Promise<AuditEntry>;
  /** All entries, oldest first, unchecked. */
  entries(): Promise<readonly AuditEntry[]>;
}
