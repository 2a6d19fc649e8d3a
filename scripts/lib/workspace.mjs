import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository root, wherever the command was started. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A failure whose message is the whole story for the person at the terminal: no stack is printed. */
export class CommandFailure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** The folders of the packages, relative to the root. A folder without a manifest is not a package yet. */
export function packageFolders() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => join('packages', name))
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
}

/** Every file below a folder, sorted, without the folders that tools write. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'coverage', '.git'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

/** A digest of the names and contents of files: equal exactly when nothing changed. */
export function digestFiles(files, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const file of files) {
    if (!existsSync(file)) continue;
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

export function readStamp(name) {
  const file = join(root, 'node_modules', name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

export function writeStamp(name, content) {
  const file = join(root, 'node_modules', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
