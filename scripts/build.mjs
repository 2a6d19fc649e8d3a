// Builds every package: JavaScript, source maps and, without `--js-only`, declarations.
import { buildPackages } from './lib/build-packages.mjs';
import { findRuntime } from './lib/runtime.mjs';

try {
  await buildPackages({ jsOnly: process.argv.includes('--js-only'), runtime: findRuntime() });
} catch (error) {
  console.error(error.message);
  process.exitCode = error.exitCode ?? 1;
}
