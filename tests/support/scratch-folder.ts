import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test, gone when it is disposed of. */
export interface ScratchFolder extends Disposable {
  readonly path: string;
  /** A path inside. */
  file(name: string): string;
}

/** Make an empty folder. */
export const scratchFolder = (): ScratchFolder => {
  const path = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
};
