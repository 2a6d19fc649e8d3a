import { createTurns } from './in-turn.js';
import { EMPTY_STATE, type VaultState } from './vault-state.js';
import type { VaultStore } from './vault-store.js';

/** Keeps a vault in the memory of this process; it is gone when that ends. The keys are sealed all the same. */
export const memoryVaultStore = (): VaultStore => {
  const inTurn = createTurns();
  let state: VaultState = EMPTY_STATE;
  return {
    name: 'memory',
    load: async () => state,
    update: (change) =>
      inTurn(async () => {
        state = structuredClone(change(state));
        return state;
      }),
    close: async () => undefined,
  };
};
