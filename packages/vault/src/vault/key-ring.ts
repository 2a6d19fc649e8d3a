import { MillraceError } from '@millrace/core/model';
import type { MasterKeySource } from '../master-key/master-key-source.js';
import { type KeyPair, keyPairOf } from '../sealing/key-pair.js';
import type { SodiumApi } from '../sealing/sodium.js';
import type { MasterKeyEntry, VaultHeader } from '../store/vault-state.js';
import { checkPublicKey } from './current-key.js';

/** The master keys that this process can open. */
export interface KeyRing {
  /** The pair of a fingerprint; `undefined` when it was not opened. */
  get(id: string): KeyPair | undefined;
  /** Add a pair that was just made. */
  add(pair: KeyPair): void;
  /**
   * Open what a header names and is not open yet.
   *
   * @throws MillraceError `MASTER_KEY` or `WRONG_PASSPHRASE` when no source opens the current key.
   */
  openAll(header: VaultHeader): Promise<void>;
  /** Whether one given source holds the key of an entry. */
  opens(source: MasterKeySource, entry: MasterKeyEntry): Promise<boolean>;
  /** Overwrite the private halves. */
  clear(): void;
}

/** After this long a key that could not be opened is tried again. */
const RETRY_MS = 30_000;

/** A ring over the sources that a host gave. */
export const createKeyRing = (sodium: SodiumApi, sources: readonly MasterKeySource[]): KeyRing => {
  const pairs = new Map<string, KeyPair>();
  /** Keys that could not be opened, and when: a try may take a second, or a call to a service. */
  const failures = new Map<string, { readonly error: unknown; readonly at: number }>();

  const pairFrom = async (source: MasterKeySource, entry: MasterKeyEntry): Promise<KeyPair | undefined> => {
    if (source.name !== entry.source) return undefined;
    const seed = await source.open(entry.note);
    try {
      const pair = keyPairOf(sodium, seed);
      if (pair.id === entry.id) return pair;
      sodium.memzero(pair.privateKey);
      return undefined;
    } finally {
      sodium.memzero(seed);
    }
  };

  const open = async (entry: MasterKeyEntry): Promise<void> => {
    const known = pairs.get(entry.id);
    if (known !== undefined) return checkPublicKey(sodium, entry, known);
    const failed = failures.get(entry.id);
    if (failed !== undefined && performance.now() - failed.at < RETRY_MS) {
      if (entry.state === 'current') throw failed.error;
      return;
    }
    let problem: unknown;
    for (const source of sources) {
      try {
        const pair = await pairFrom(source, entry);
        if (pair !== undefined) {
          pairs.set(entry.id, pair);
          break;
        }
      } catch (error) {
        problem ??= error;
      }
    }
    const opened = pairs.get(entry.id);
    if (opened !== undefined) return checkPublicKey(sodium, entry, opened);
    // Without an old key only the records that still need it cannot be read.
    const error = problem ?? notOpened(entry, sources);
    failures.set(entry.id, { error, at: performance.now() });
    if (entry.state === 'current') throw error;
  };

  return {
    get: (id) => pairs.get(id),
    add: (pair) => void pairs.set(pair.id, pair),
    async openAll(header) {
      for (const entry of header.masterKeys) await open(entry);
    },
    async opens(source, entry) {
      const pair = await pairFrom(source, entry);
      if (pair === undefined) return false;
      pairs.set(pair.id, pair);
      return true;
    },
    clear() {
      for (const pair of pairs.values()) sodium.memzero(pair.privateKey);
      pairs.clear();
    },
  };
};

const notOpened = (entry: MasterKeyEntry, sources: readonly MasterKeySource[]): MillraceError => {
  if (entry.source === 'passphrase' && sources.some(({ name }) => name === 'passphrase')) {
    return new MillraceError('WRONG_PASSPHRASE', "The passphrase is not the vault's.");
  }
  const tried = sources.map(({ name }) => name).join(', ');
  const found = sources.some(({ name }) => name === entry.source)
    ? `The master key that ${tried} gives is not the one of this vault.`
    : `The vault's master key is kept by "${entry.source}", but the vault was given: ${tried}.`;
  return new MillraceError('MASTER_KEY', found, { details: { masterKeyId: entry.id, source: entry.source } });
};
