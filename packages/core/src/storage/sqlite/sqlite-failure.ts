import { MillraceError } from '../../model/errors/millrace-error.js';
import type { FailureKind, FailureReader } from '../failure-kind.js';
import { storageError } from '../storage-error.js';

// Primary result codes of SQLite, which are the low byte of the extended ones.
const kinds: Readonly<Record<number, FailureKind>> = {
  5: 'locked',
  6: 'locked',
  18: 'bad-row',
  19: 'bad-row',
  20: 'bad-row',
};

const reasons: Readonly<Record<number, string>> = {
  5: 'another process holds the lock',
  6: 'another connection holds the lock',
  7: 'the memory is used up',
  8: 'the file cannot be written to',
  10: 'the disk reported an error',
  11: 'the file is damaged',
  13: 'the disk is full',
  14: 'the file cannot be opened',
  18: 'a value is too large',
  19: 'a constraint does not hold',
  26: 'the file is not an SQLite database',
};

const primaryCode = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
};

/** Sorts an error of `node:sqlite`, also when it is the cause of one of ours. */
export const sqliteFailureKind = (error: unknown): FailureKind => {
  const code = primaryCode(MillraceError.isInstance(error) ? error.cause : error);
  return kinds[code ?? -1] ?? 'broken';
};

/** Why it failed, as the middle of a sentence. Holds no value of a record. */
const sqliteReason = (error: unknown): string => {
  const code = primaryCode(error);
  const known = code === undefined ? undefined : reasons[code];
  return known ?? (error instanceof Error ? error.message : 'the cause is not known');
};

/** An error of `node:sqlite` as one of ours. */
export const sqliteError = (what: string, error: unknown): MillraceError =>
  MillraceError.isInstance(error)
    ? error
    : storageError(`${what}: ${sqliteReason(error)}.`, {
        cause: error,
        details: { sqliteCode: primaryCode(error) },
      });

/** How the failures of `node:sqlite` read. */
export const sqliteFailures: FailureReader = { kind: sqliteFailureKind, reason: sqliteReason };
