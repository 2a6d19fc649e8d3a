import { MillraceError } from '@millrace/core/model';
import { SEED_BYTES } from '../sealing/key-pair.js';
import { loadSodium } from '../sealing/sodium.js';
import type { MasterKeySource } from './master-key-source.js';

/** A key service that wraps and unwraps a few bytes under a key that never leaves it. */
export interface KeyService {
  /** For people, such as `aws-kms`. */
  readonly name: string;
  wrap(plaintext: Uint8Array): Promise<Uint8Array>;
  /** Rejects when the service refuses or does not know the bytes. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

/** The master key is random and kept in the vault's header, wrapped by a key service. */
export const kmsMasterKey = (service: KeyService): MasterKeySource => ({
  name: `kms:${service.name}`,
  async create() {
    const sodium = await loadSodium();
    const seed = sodium.randombytes_buf(SEED_BYTES);
    const wrapped = await service.wrap(seed).catch((cause: unknown) => {
      throw refused(service, 'wrap', cause);
    });
    return { seed, note: { wrapped: sodium.to_base64(wrapped, sodium.base64_variants.ORIGINAL) } };
  },
  async open(note) {
    const sodium = await loadSodium();
    const text = note?.['wrapped'];
    if (typeof text !== 'string') {
      throw new MillraceError('MASTER_KEY', "The vault's header holds no wrapped master key.");
    }
    try {
      return await service.unwrap(sodium.from_base64(text, sodium.base64_variants.ORIGINAL));
    } catch (cause) {
      throw refused(service, 'unwrap', cause);
    }
  },
});

const refused = (service: KeyService, what: string, cause: unknown): MillraceError =>
  new MillraceError(
    'MASTER_KEY',
    `The key service "${service.name}" did not ${what} the master key. Check its key, its permissions and the network.`,
    { cause },
  );
