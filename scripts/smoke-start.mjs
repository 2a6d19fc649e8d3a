// Starts `npm start` on a free port, waits for the sample answer, presses Ctrl-C, and expects a clean end.
// `--within=<seconds>` also limits the time until the answer; `--direct` leaves npm out, so that the exit code is ours.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { root } from './lib/workspace.mjs';

const within = Number(process.argv.find((argument) => argument.startsWith('--within='))?.slice(9) ?? 150);

/** What the example server prints once its sample request has been answered. */
const ready = /Press Ctrl-C/;

/** Listens for a moment: on port 0 this finds a free port, on a given one it proves that nobody holds it. */
async function claimPort(port) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const claimed = server.address().port;
  server.close();
  await once(server, 'close');
  return claimed;
}

/** Resolves to false when the time runs out first. */
function inTime(promise, seconds) {
  return Promise.race([
    promise,
    new Promise((resolve) => setTimeout(resolve, seconds * 1000, false).unref()),
  ]);
}

const direct = process.argv.includes('--direct');
const [command, ...args] = direct ? [process.execPath, 'scripts/start.mjs'] : ['npm', 'start'];
const port = await claimPort(0);
const started = Date.now();
const child = spawn(command, args, {
  cwd: root,
  env: { ...process.env, PORT: String(port) },
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});

/** A terminal sends Ctrl-C to the whole foreground group: npm, its shell and our script. */
const signalGroup = (signal) => process.kill(-child.pid, signal);

const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));

let output = '';
const answered = new Promise((resolve) => {
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    output += text;
    if (ready.test(output)) resolve(true);
  });
  ended.then(() => resolve(false));
});

const isReady = await inTime(answered, within);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(isReady ? `ready after ${seconds} s` : `not ready after ${seconds} s; the limit is ${within} s`);

if (child.exitCode === null) signalGroup('SIGINT');
const result = await inTime(ended, 10);
if (result === false) {
  console.error('still running 10 s after Ctrl-C');
  signalGroup('SIGTERM');
  await inTime(ended, 2);
} else {
  console.log(`ended with ${result} after Ctrl-C`);
}

const isPortFree = await claimPort(port).then(
  () => true,
  () => false,
);
if (!isPortFree) console.error(`port ${port} is still in use`);

// Some shells that npm runs scripts in report the Ctrl-C itself, however cleanly the script ended.
const isCleanEnd = result === 0 || (!direct && result === 'SIGINT');
process.exit(isReady && isCleanEnd && isPortFree ? 0 : 1);
