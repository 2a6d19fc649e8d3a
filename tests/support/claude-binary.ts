import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The real `claude` program, as its npm package brings it for this system: nothing is downloaded, and no install script
 * is needed. `undefined` where there is none for this system.
 */
export const claudeBinary = (): string | undefined => {
  const name = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  try {
    const main = dirname(require.resolve('@anthropic-ai/claude-code/package.json'));
    const folder = dirname(createRequire(join(main, 'package.json')).resolve(`${name}/package.json`));
    return ['claude', 'claude.exe'].map((file) => join(folder, file)).find((file) => existsSync(file));
  } catch {
    return undefined;
  }
};
