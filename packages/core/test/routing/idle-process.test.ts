import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('no timer keeps a process alive, not even that of a trial', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--import',
      new URL('../source-imports.mjs', import.meta.url).href,
      fileURLToPath(new URL('./idle-process.ts', import.meta.url)),
    ],
    { timeout: 25_000 },
  );
  expect(stdout).toBe('trial: true\n');
}, 30_000);
