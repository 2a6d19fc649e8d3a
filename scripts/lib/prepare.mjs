import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buildPackages, isBuildFresh } from './build-packages.mjs';
import { installDependencies, isInstallFresh } from './install.mjs';
import { findRuntime } from './runtime.mjs';
import { CommandFailure, root } from './workspace.mjs';

/** Ctrl-C can arrive twice, from the terminal and from npm: repeats within this time count as one. */
const sameSignalMs = 500;

/**
 * Runs a script in the foreground and passes signals on. With `ownGroup` the terminal's Ctrl-C reaches only this
 * process, which forwards it once, so that the script sees one signal however it was sent.
 */
function runScript(runtime, { script, args, ownGroup }) {
  const child = spawn(runtime, [join(root, script), ...args], {
    cwd: root,
    env: { ...process.env, PATH: `${dirname(runtime)}${delimiter}${process.env.PATH ?? ''}` },
    stdio: 'inherit',
    detached: ownGroup && process.platform !== 'win32',
  });
  let last = { signal: '', time: 0 };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const time = Date.now();
      if (last.signal === signal && time - last.time < sameSignalMs) return;
      last = { signal, time };
      if (ownGroup || signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    });
  }
  // npm can die without passing the signal on; a script that nobody waits for must not keep its port.
  const parent = process.ppid;
  const orphaned = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent) child.kill('SIGTERM');
  }, 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(orphaned);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/**
 * Makes the repository ready, doing only what is stale, and runs one script of it on Node 22 or 24.
 *
 * @param {{ build: boolean, script: string, args: string[], ownGroup: boolean }} options
 * @returns {Promise<number>} the exit code to end with
 */
export async function runPrepared(options) {
  try {
    if (!isInstallFresh()) await installDependencies();
    const runtime = findRuntime();
    if (options.build && !isBuildFresh()) await buildPackages({ jsOnly: true, runtime });
    if (!existsSync(join(root, options.script))) {
      throw new CommandFailure(`${options.script} does not exist in this checkout.`);
    }
    return await runScript(runtime, options);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.message !== '') console.error(error.message);
    return error.exitCode;
  }
}
