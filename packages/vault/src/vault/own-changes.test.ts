import { afterEach, expect, test, vi } from 'vitest';
import { openVault } from '../../test/open-vault.js';
import { memoryVaultStore } from '../store/memory-vault-store.js';
import type { VaultStore } from '../store/vault-store.js';

afterEach(() => vi.useRealTimers());

test('a read that was on its way while a key was switched off does not bring the key back', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const inner = memoryVaultStore();
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let onUpdate = (): void => undefined;
  let slow = false;
  const store: VaultStore = {
    ...inner,
    async load() {
      const state = await inner.load();
      if (slow) await gate;
      return state;
    },
    update(change) {
      onUpdate();
      return inner.update(change);
    },
  };
  const { vault } = await openVault({ store, refreshMs: 1_000 });
  const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
  const source = vault.credentials();
  const get = async () => source.get({ provider: 'openai', required: true });

  // The state has just become old; a call reads the store a moment before the change gets there.
  let call: Promise<unknown> | undefined;
  onUpdate = () => {
    if (call !== undefined) return;
    slow = true;
    vi.advanceTimersByTime(2_000);
    call = get();
  };
  await vault.disable(id);
  open();
  await Promise.allSettled([call]);

  await expect(get()).rejects.toMatchObject({ code: 'MISSING_KEY' });
});
