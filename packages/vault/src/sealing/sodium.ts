import type Sodium from 'libsodium-wrappers';

/** The functions of libsodium that the vault uses. */
export type SodiumApi = typeof Sodium;

let loading: Promise<SodiumApi> | undefined;

/** Load libsodium, once. It is WebAssembly and has to be compiled first. */
export const loadSodium = (): Promise<SodiumApi> => {
  loading ??= import('libsodium-wrappers').then(async ({ default: sodium }) => {
    await sodium.ready;
    return sodium;
  });
  return loading;
};
