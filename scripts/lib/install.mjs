import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './run-quietly.mjs';
import { digestFiles, filesBelow, packageFolders, readStamp, root, writeStamp } from './workspace.mjs';

const stampName = '.millrace-install';
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/;

function installDigest() {
  const manifests = [
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
    join(root, 'bench/package.json'),
    ...packageFolders().map((folder) => join(root, folder, 'package.json')),
    ...filesBelow(join(root, 'examples')).filter((file) => file.endsWith('package.json')),
  ];
  return digestFiles(manifests, `${process.platform} ${process.arch}`);
}

/** False when nothing is installed yet, or when a manifest or the lockfile changed since. */
export function isInstallFresh() {
  return existsSync(join(root, 'node_modules/vitest')) && readStamp(stampName) === installDigest();
}

/** How to run npm: the one that started us, on the Node that it came with. */
function npmCommand() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (script?.endsWith('.js') && existsSync(script)) {
    return { command: node && existsSync(node) ? node : process.execPath, args: [script] };
  }
  return process.platform === 'win32'
    ? { command: process.env.ComSpec ?? 'cmd.exe', args: ['/d', '/c', 'npm'] }
    : { command: 'npm', args: [] };
}

/** npm retries each package for minutes when there is no network, so one short request asks first. */
function isRegistryReachable(npm) {
  const args = [...npm.args, 'ping', '--fetch-retries=0', '--fetch-timeout=10000'];
  const result = spawnSync(npm.command, args, { cwd: root, encoding: 'utf8', timeout: 20_000 });
  return result.status === 0 || !(result.error !== undefined || unreachable.test(result.stderr));
}

/** Installs from the lockfile without rewriting it. Without a network, what npm has cached may still be enough. */
export async function installDependencies() {
  const npm = npmCommand();
  const offline = isRegistryReachable(npm) ? [] : ['--offline'];
  await runQuietly({
    label: 'Installing dependencies',
    command: npm.command,
    args: [...npm.args, 'install', '--no-save', '--no-progress', ...offline],
    explain: (output) =>
      unreachable.test(output)
        ? 'The npm registry cannot be reached. Check the network or proxy settings, then run the command again.'
        : undefined,
  });
  writeStamp(stampName, installDigest());
}
