import { pause } from '../../internal/pause.js';
import { storageError } from '../../storage/storage-error.js';
import type { ValueStore } from '../../storage/value-store.js';

/** A small JSON document that processes change together. No change is lost. */
export interface SharedDocument<Doc> {
  /**
   * Change the document. When another process was faster, the change is applied again to what that one wrote. A change
   * that returns the document it was given writes nothing, and so is a plain read.
   *
   * A failure leaves open whether the change was written, so a change must be one that can be applied twice.
   *
   * @returns the document with the change in it.
   * @throws MillraceError `STORAGE` when the store fails, or others are faster every time.
   */
  update(change: (doc: Doc) => Doc): Promise<Doc>;
}

/** Where a document is, and how it is read. */
export interface SharedDocumentOptions<Doc> {
  readonly store: ValueStore;
  readonly key: string;
  /** How long it lives after its last change, in milliseconds. Default: for ever. */
  readonly ttlMs?: number | undefined;
  /** Makes a document of parsed JSON; of `undefined`, and of what it cannot read, an empty one. */
  readonly parse: (json: unknown) => Doc;
  /** Makes JSON of a document. Default: as it is. */
  readonly format?: ((doc: Doc) => unknown) | undefined;
}

const ATTEMPTS = 50;
/** The longest pause before another attempt, in milliseconds. */
const PAUSE_MS = 20;

const never = new AbortController().signal;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A document in a store of values. */
export const sharedDocument = <Doc>({
  store,
  key,
  ttlMs,
  parse,
  format = (doc) => doc,
}: SharedDocumentOptions<Doc>): SharedDocument<Doc> => ({
  async update(change) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const found = await store.get(key);
      const before = parse(typeof found === 'string' ? parseJson(found) : undefined);
      const after = change(before);
      if (after === before) return before;
      if (await store.compareAndSet(key, found, JSON.stringify(format(after)), { ttlMs })) return after;
      await pause(Math.random() * Math.min(PAUSE_MS, attempt * 2), never);
    }
    throw storageError(`The shared document "${key}" was changed by others ${ATTEMPTS} times in a row.`);
  },
});
