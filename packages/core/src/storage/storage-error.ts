import { MillraceError, type MillraceErrorOptions } from '../model/errors/millrace-error.js';

/** The store itself failed. */
export const storageError = (message: string, options?: MillraceErrorOptions): MillraceError =>
  new MillraceError('STORAGE', message, options);

/** What was asked of the store, or handed to it, is wrong; asking again will not help. */
export const badStorageRequest = (message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', message);

/** The store was closed. */
export const storeClosedError = (name: string): MillraceError =>
  new MillraceError('CLOSED', `The collection "${name}" cannot be used: its store was closed.`);

/** Is told of a failure that no caller waits for. Must not throw. */
export type StorageErrorListener = (error: MillraceError) => void;

/** The listener for hosts that set none: lost data must not go unnoticed. */
export const warnOnConsole: StorageErrorListener = (error) => {
  console.warn(`[millrace] ${error.code}: ${error.message}`);
};

/** Calls a host's listener; one that throws does no harm. */
export const reportStorageError = (listener: StorageErrorListener, error: MillraceError): void => {
  try {
    listener(error);
  } catch {
    // The listener is the place where failures are reported; there is no other.
  }
};

/** The stored data was written by a later version of the software. */
export const newerVersionError = (name: string, stored: number, known: number): MillraceError =>
  storageError(
    `The collection "${name}" is of version ${stored}, and this software knows versions up to ${known}. Update the software, or use another store.`,
    { retryable: false, details: { collection: name, stored, known } },
  );
