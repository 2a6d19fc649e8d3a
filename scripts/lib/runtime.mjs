import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure, root } from './workspace.mjs';

/** The first Node that runs TypeScript files and the tools without a flag. */
const oldestRuntime = [22, 18];

function isRecent(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > oldestRuntime[0] || (major === oldestRuntime[0] && minor >= oldestRuntime[1]);
}

function versionOf(binary) {
  const result = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/**
 * The Node that runs the repository: `MILLRACE_NODE` if set, else the one in node_modules, else the host's own
 * when it is new enough.
 */
export function findRuntime() {
  const chosen = process.env.MILLRACE_NODE;
  if (chosen !== undefined && chosen !== '') {
    const version = versionOf(chosen);
    if (version !== undefined && isRecent(version)) return chosen;
    throw new CommandFailure(
      `MILLRACE_NODE is ${chosen}, which is ${version === undefined ? 'not a working Node' : `Node ${version}`}; 22.18 or newer is needed.`,
    );
  }
  for (const name of ['node', 'node.exe']) {
    const bundled = join(root, 'node_modules/node/bin', name);
    if (!existsSync(bundled)) continue;
    const version = versionOf(bundled);
    if (version !== undefined && isRecent(version)) return bundled;
  }
  if (isRecent(process.versions.node)) return process.execPath;
  throw new CommandFailure(
    `The Node 24 that comes with the dependencies is missing, because npm ran with install scripts off, and this Node ` +
      `${process.versions.node} is older than 22.18. Run "npm rebuild node --ignore-scripts=false", or use a newer Node.`,
  );
}
