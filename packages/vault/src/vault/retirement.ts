import type { VaultRecord } from '../store/vault-state.js';
import type { OpenedKeys } from './opened-keys.js';
import { factOf, type VaultCore } from './vault-core.js';

/** Other processes rotate keys too, and a store can fail: look again after this long at the latest. */
const LOOK_AGAIN_MS = 60_000;

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

  const isOver = ({ retiresAt }: VaultRecord): boolean => retiresAt !== null && retiresAt <= Date.now();

  const expire = async (): Promise<void> => {
    if (!(await core.load()).records.some(isOver)) return;
    let gone: readonly VaultRecord[] = [];
    await core.change((state) => {
      gone = state.records.filter(isOver);
      return { ...state, records: state.records.filter((record) => !gone.includes(record)) };
    });
    for (const record of gone) {
      opened.drop(record.id);
      await core.note({ actor: 'system', action: 'expire', outcome: 'success', ...factOf(record) });
    }
  };

  const schedule = (wait: number): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void expire().then(watch, failed), wait);
    (timer as { unref?: () => void }).unref?.();
  };
  const watch = (): void => {
    const times = core.state.records.flatMap(({ retiresAt }) => retiresAt ?? []);
    schedule(Math.min(Math.max(Math.min(...times) - Date.now(), 0), LOOK_AGAIN_MS));
  };
  const failed = (error: unknown): void => {
    report(error);
    schedule(LOOK_AGAIN_MS);
  };

  return {
    watch,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
