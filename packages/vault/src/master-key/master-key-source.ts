import type { JsonObject } from '@millrace/core/model';

/** What a source has to say of a key that it made. Stored in the vault's header, in the open: it holds no secret. */
export type MasterKeyNote = JsonObject;

/** Where the vault's master key is kept. It is never written beside the data. */
export interface MasterKeySource {
  /** For people and for the header, such as `environment`. */
  readonly name: string;
  /**
   * The secret of a new master key, for a new vault or a rotation. A source whose secret is given from outside, such
   * as an environment variable, gives that. The vault zeroes the bytes.
   *
   * @throws MillraceError `MASTER_KEY` that says what to do.
   */
  create(): Promise<{ readonly seed: Uint8Array; readonly note?: MasterKeyNote | undefined }>;
  /**
   * The secret of a key that this source made. The vault zeroes the bytes, and checks that they are of the right key.
   *
   * @throws MillraceError `MASTER_KEY` or `WRONG_PASSPHRASE`.
   */
  open(note: MasterKeyNote | undefined): Promise<Uint8Array>;
}
