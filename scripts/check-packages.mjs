// Packs every package as npm would publish it, and checks the tarballs with publint and are-the-types-wrong.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolders, root } from './lib/workspace.mjs';

const shell = process.platform === 'win32';

/** Runs a tool silently, and shows what it said only when it found something. */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell });
  if (result.status !== 0)
    console.error(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`);
  return result.status === 0;
}

const destination = mkdtempSync(join(tmpdir(), 'millrace-pack-'));
let passed = true;
try {
  for (const folder of packageFolders()) {
    const packed = run('npm', [
      'pack',
      `./${folder}`,
      '--pack-destination',
      destination,
      '--ignore-scripts',
      '--silent',
    ]);
    passed = packed && passed;
  }
  for (const name of readdirSync(destination).sort()) {
    const tarball = join(destination, name);
    const manifest = run('publint', ['run', tarball, '--strict']);
    const types = run('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii']);
    console.log(`${manifest && types ? 'ok  ' : 'FAIL'} ${name}`);
    passed = manifest && types && passed;
  }
} finally {
  rmSync(destination, { recursive: true, force: true });
}
process.exitCode = passed ? 0 : 1;
