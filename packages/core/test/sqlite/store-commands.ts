import type { MigrationStep } from '../../src/storage/record-store.js';
import { type ForkedProcess, forkProcess } from '../fork-process.js';

/** What a store process can be asked to do. */
export type StoreCommand =
  | {
      readonly do: 'write' | 'write-and-exit' | 'read-write-and-end';
      readonly prefix: string;
      readonly count: number;
    }
  | {
      readonly do: 'write-change-and-exit';
      readonly count: number;
      /** Milliseconds after which the records are changed, and after which the process ends. */
      readonly afterMs: readonly [number, number];
    }
  | { readonly do: 'count' | 'lock' | 'unlock' }
  | { readonly do: 'migrate'; readonly steps: readonly MigrationStep[] };

/** Another process that uses the same file. */
export interface StoreProcess extends ForkedProcess<StoreCommand> {
  /** Asks for something that ends the process; resolves with its exit code. */
  end(command: StoreCommand): Promise<unknown>;
}

/** Starts a process and waits until it is ready. */
export const startStoreProcess = async (path: string): Promise<StoreProcess> => {
  const forked = await forkProcess<StoreCommand>(new URL('./store-process.ts', import.meta.url), path);
  return {
    ...forked,
    end(command) {
      forked.child.send(command);
      return forked.exited;
    },
  };
};
