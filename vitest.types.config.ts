import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { typeTestProject } from './scripts/lib/package-tests.ts';

const packages = join(import.meta.dirname, 'packages');

// `npm run test:types`: only the `*.test-d.ts` files, checked by the compiler and never run.
export default defineConfig({
  test: {
    projects: readdirSync(packages).map((name) => typeTestProject(join(packages, name))),
    maxWorkers: 2,
    passWithNoTests: true,
  },
});
