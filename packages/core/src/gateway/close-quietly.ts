/** Let a source go without waiting for it and without caring how that ends. */
export const closeQuietly = (source: AsyncIterator<unknown> | undefined): void => {
  const close = async (): Promise<void> => {
    await source?.return?.();
  };
  close().catch(() => undefined);
};

/** Nothing of interest follows `finish`: let the source tidy up without making the caller wait. */
export const drain = async (source: AsyncIterator<unknown>): Promise<void> => {
  try {
    if ((await source.next()).done !== true) closeQuietly(source);
  } catch {
    // The answer is complete; how its source ends is of no interest.
  }
};
