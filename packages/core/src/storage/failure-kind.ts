/** What kind of trouble a failure of a database is, for the code that decides what to do next. */
export type FailureKind =
  /** Another process holds a lock; soon it will not. */
  | 'locked'
  /** The row itself cannot be stored, whatever happens. */
  | 'bad-row'
  /** Everything else: the disk, the connection, the machine. */
  | 'broken';

/** How a driver reads the failures of its database. */
export interface FailureReader {
  readonly kind: (error: unknown) => FailureKind;
  /** Why it failed, as the middle of a sentence. Holds no value of a record. */
  readonly reason: (error: unknown) => string;
}
