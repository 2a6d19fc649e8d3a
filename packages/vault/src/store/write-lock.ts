/** Runs a task while nobody else runs one under the same lock, in this process or another. */
export interface WriteLock {
  /** @throws MillraceError `CONFLICT` when another holder does not let go in time. */
  hold<Result>(task: () => Promise<Result>): Promise<Result>;
}
