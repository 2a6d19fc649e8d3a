import type { VaultRecord } from '../store/vault-state.js';

/** Counts how often keys are handed out, and tells of it now and then. */
export interface UseCounter {
  count(record: VaultRecord): void;
  /** Tell now. */
  flush(): Promise<void>;
  stop(): void;
}

/** One line a key and interval: a line a call would cost more than the call. */
export const createUseCounter = (
  intervalMs: number,
  tell: (record: VaultRecord, count: number) => Promise<void>,
  report: (error: unknown) => void,
): UseCounter => {
  let counts = new Map<string, { record: VaultRecord; count: number }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const told = counts;
    counts = new Map();
    for (const { record, count } of told.values()) await tell(record, count);
  };
  return {
    count(record) {
      const known = counts.get(record.id);
      if (known !== undefined) known.count += 1;
      else counts.set(record.id, { record, count: 1 });
      if (timer !== undefined) return;
      timer = setTimeout(() => void flush().catch(report), intervalMs);
      (timer as { unref?: () => void }).unref?.();
    },
    flush,
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
