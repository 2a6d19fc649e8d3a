import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Options } from 'tsup';
import { packageEntries } from './package-entries.ts';

const workerReference = /new URL\(\s*["'](\.[^"']+)["'],\s*import\.meta\.url\s*\)/g;

/**
 * Code that several entries share moves to a chunk at the root of `dist`, where a relative `new URL` would miss.
 * A build that broke a reference this way fails instead of shipping.
 */
function assertWorkerReferences(packageRoot: string): void {
  for (const file of globSync('dist/**/*.js', { cwd: packageRoot })) {
    const code = readFileSync(join(packageRoot, file), 'utf8');
    for (const [, reference] of code.matchAll(workerReference)) {
      if (reference === undefined || reference.endsWith('.ts')) continue;
      if (!existsSync(resolve(packageRoot, dirname(file), reference))) {
        throw new Error(
          `${file} refers to ${reference}, which is not beside it. Import it from one entry only.`,
        );
      }
    }
  }
}

/** The tsup configuration of a package. `MILLRACE_JS_ONLY=1` leaves the existing declarations alone. */
export function packageBuild(packageRoot: string = process.cwd()): Options {
  const jsOnly = process.env['MILLRACE_JS_ONLY'] === '1';
  const entries = packageEntries(packageRoot);
  const missing = Object.values(entries.all).filter((source) => !existsSync(join(packageRoot, source)));
  if (missing.length > 0) {
    throw new Error(
      `package.json in packages/${basename(packageRoot)} names files that do not exist: ${missing.join(', ')}`,
    );
  }
  return {
    entry: entries.all,
    format: ['esm'],
    target: 'es2023',
    platform: 'neutral',
    external: [/^node:/],
    dts: jsOnly ? false : { entry: entries.exported },
    clean: jsOnly ? ['!**/*.d.ts'] : true,
    sourcemap: true,
    splitting: true,
    removeNodeProtocol: false,
    silent: true,
    onSuccess: async () => assertWorkerReferences(packageRoot),
  };
}
