import type { VaultRecord } from '../store/vault-state.js';
import type { OpenedKeys } from './opened-keys.js';
import { factOf, type VaultCore } from './vault-core.js';

/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Takes out the old keys of rotations when their grace period is over. */
export interface Retirement {
  /** Look when the next one is due. */
  watch(): void;
  stop(): void;
}

/** Start watching with `watch`. */
export const createRetirement = (
  core: VaultCore,
  opened: OpenedKeys,
  report: (error: unknown) => void,
): Retirement => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const expire = async (): Promise<void> => {
    let gone: readonly VaultRecord[] = [];
    await core.change((state) => {
      const now = Date.now();
      gone = state.records.filter(({ retiresAt }) => retiresAt !== null && retiresAt <= now);
      if (gone.length === 0) return state;
      return { ...state, records: state.records.filter((record) => !gone.includes(record)) };
    });
    for (const record of gone) {
      opened.drop(record.id);
      await core.note({ actor: 'system', action: 'expire', outcome: 'success', ...factOf(record) });
    }
  };

  const watch = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    const times = core.state.records.flatMap(({ retiresAt }) => retiresAt ?? []);
    if (times.length === 0) return;
    const wait = Math.min(Math.max(Math.min(...times) - Date.now(), 0), LONGEST_TIMER_MS);
    timer = setTimeout(() => void expire().then(watch, report), wait);
    (timer as { unref?: () => void }).unref?.();
  };

  return {
    watch,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
