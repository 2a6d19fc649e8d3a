import type { Credential } from '@millrace/core/provider';
import type { VaultRecord } from '../store/vault-state.js';

/** How long and how many keys stay open in memory. */
export interface OpenedKeysOptions {
  /** Milliseconds. Default: 60,000. `0` keeps none. */
  readonly ttlMs?: number | undefined;
  /** Default: 100; the ones unused for longest are dropped. */
  readonly size?: number | undefined;
}

interface Opened {
  /** What it was opened from: a record that was sealed anew is opened anew. */
  readonly sealedKey: string;
  readonly credential: Credential;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Keys that were opened a moment ago. */
export interface OpenedKeys {
  get(record: VaultRecord): Credential | undefined;
  keep(record: VaultRecord, credential: Credential): void;
  drop(id: string): void;
  clear(): void;
}

/** A bounded memory of opened keys; each is dropped when its time is over, used or not. */
export const createOpenedKeys = ({ ttlMs = 60_000, size = 100 }: OpenedKeysOptions = {}): OpenedKeys => {
  const opened = new Map<string, Opened>();
  const drop = (id: string): void => {
    clearTimeout(opened.get(id)?.timer);
    opened.delete(id);
  };
  return {
    get(record) {
      const known = opened.get(record.id);
      if (known === undefined) return undefined;
      if (known.sealedKey === record.sealedKey) {
        // Used last goes to the end; a map keeps its order.
        if (opened.size > 1) {
          opened.delete(record.id);
          opened.set(record.id, known);
        }
        return known.credential;
      }
      drop(record.id);
      return undefined;
    },
    keep(record, credential) {
      if (ttlMs <= 0) return;
      drop(record.id);
      const timer = setTimeout(() => drop(record.id), ttlMs);
      (timer as { unref?: () => void }).unref?.();
      opened.set(record.id, { sealedKey: record.sealedKey, credential, timer });
      const [oldest] = opened.keys();
      if (opened.size > size && oldest !== undefined) drop(oldest);
    },
    drop,
    clear() {
      for (const id of [...opened.keys()]) drop(id);
    },
  };
};
