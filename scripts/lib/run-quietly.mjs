import { spawn } from 'node:child_process';
import { CommandFailure, root } from './workspace.mjs';

/** One line that counts the seconds on a terminal, and says start and end anywhere else. */
function progressLine(label) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const live = process.stderr.isTTY === true;
  const show = () => process.stderr.write(`\r${label} … ${seconds()} `);
  if (live) show();
  else process.stderr.write(`${label} …\n`);
  const timer = live ? setInterval(show, 1000) : undefined;
  return (outcome) => {
    clearInterval(timer);
    process.stderr.write(`${live ? '\r' : ''}${label}: ${outcome} in ${seconds()}\n`);
  };
}

/**
 * Runs a command behind a progress line and returns nothing; on failure throws, after `explain(output)` had the
 * chance to turn the output into one sentence. Ctrl-C ends the command and then this process.
 *
 * @param {{ label: string, command: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv,
 *   explain?: (output: string) => string | undefined }} task
 */
export async function runQuietly(task) {
  const finish = progressLine(task.label);
  const child = spawn(task.command, task.args, {
    cwd: task.cwd ?? root,
    env: task.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk) => {
    output += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);

  let interruptedBy;
  const interrupt = (signal) => {
    interruptedBy = signal;
    child.kill(signal);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += `${error.message}\n`;
      resolve(1);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);

  if (interruptedBy !== undefined) {
    finish('stopped');
    throw new CommandFailure('', interruptedBy === 'SIGINT' ? 130 : 143);
  }
  if (code !== 0) {
    finish('failed');
    throw new CommandFailure(task.explain?.(output) ?? output.trimEnd());
  }
  finish('done');
}
