const writers = new Set<() => void>();

const runAll = (): void => {
  for (const write of writers) write();
};

/**
 * Calls `write` when the process exits, also by `process.exit()`, which skips everything that is scheduled.
 * All stores share one listener. Returns how to take it back.
 */
export const writeAtExit = (write: () => void): (() => void) => {
  if (writers.size === 0) process.on('exit', runAll);
  writers.add(write);
  return () => {
    writers.delete(write);
    if (writers.size === 0) process.off('exit', runAll);
  };
};
