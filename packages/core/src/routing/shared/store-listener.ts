import { MillraceError } from '../../model/errors/millrace-error.js';
import {
  reportStorageError,
  type StorageErrorListener,
  storageError,
  warnOnConsole,
} from '../../storage/storage-error.js';

/** A listener for whatever a store throws in the background. */
export const storeListener =
  (listener: StorageErrorListener | undefined, what: string): ((error: unknown) => void) =>
  (error) => {
    const known = MillraceError.isInstance(error)
      ? error
      : storageError(`${what} could not be shared: the store failed.`, { cause: error });
    reportStorageError(listener ?? warnOnConsole, known);
  };
