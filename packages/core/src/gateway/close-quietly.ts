/** Let a source go without waiting for it and without caring how that ends. */
export const closeQuietly = (source: AsyncIterator<unknown> | undefined): void => {
  const close = async (): Promise<void> => {
    await source?.return?.();
  };
  close().catch(() => undefined);
};
