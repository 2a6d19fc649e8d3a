import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './run-quietly.mjs';
import { digestFiles, filesBelow, packageFolders, readStamp, root, writeStamp } from './workspace.mjs';

const stampName = '.millrace-build';

function buildDigest() {
  const files = packageFolders().flatMap((folder) => [
    join(root, folder, 'package.json'),
    join(root, folder, 'tsup.config.ts'),
    ...filesBelow(join(root, folder, 'src')).filter((file) => !/\.(test|test-d|examples)\.ts$/.test(file)),
  ]);
  const helpers = filesBelow(join(root, 'scripts/lib')).filter((file) => file.endsWith('.ts'));
  return digestFiles([
    ...files,
    ...helpers,
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.base.json'),
  ]);
}

function missingOutput() {
  return packageFolders().some((folder) => {
    const { exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return Object.values(exports).some(
      (target) => target.default && !existsSync(join(root, folder, target.default)),
    );
  });
}

/** True when `dist` was built from exactly these sources. */
export function isBuildFresh() {
  return readStamp(stampName) === buildDigest() && !missingOutput();
}

/**
 * Builds every package. Packages read each other's source, not `dist`, so the order does not matter.
 *
 * @param {{ jsOnly: boolean, runtime: string }} options
 */
export async function buildPackages(options) {
  const digest = buildDigest();
  for (const folder of packageFolders()) {
    await runQuietly({
      label: `Building ${folder}`,
      command: options.runtime,
      args: [join(root, 'node_modules/tsup/dist/cli-default.js')],
      cwd: join(root, folder),
      env: { ...process.env, MILLRACE_JS_ONLY: options.jsOnly ? '1' : '' },
    });
  }
  writeStamp(stampName, digest);
}
