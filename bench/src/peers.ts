import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../peers/', import.meta.url));
const LIMIT_MS = 300_000;

/** Loads what the folder of the peers has installed. */
export const requirePeer: NodeJS.Require = createRequire(`${folder}package.json`);

/** Install the gateways to compare with, which nothing else in the repository needs. */
export const installPeers = async (): Promise<void> => {
  if (
    existsSync(`${folder}node_modules/@portkey-ai/gateway`) &&
    existsSync(`${folder}node_modules/@musistudio/llms`)
  )
    return;
  console.log('Installing the gateways to compare with …');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'];
  const install = spawn('npm', ['install', ...options], {
    cwd: folder,
    stdio: 'ignore',
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const [code] = await once(install, 'exit');
  if (code !== 0)
    throw new Error('The gateways to compare with could not be installed; is the npm registry in reach?');
};
