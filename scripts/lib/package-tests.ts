import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { configDefaults } from 'vitest/config';

/** Workspace packages resolve to their TypeScript source, so no test needs a build. */
const conditions = ['@millrace/source', 'module', 'node', 'development|production'];

/** Two packages offer a `tsc` command, so the compiler is named by its file. */
const compiler = fileURLToPath(new URL('../../node_modules/@typescript/native/bin/tsc', import.meta.url));

export interface TestProjectOptions {
  readonly name: string;
  readonly root: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

export function testProject(options: TestProjectOptions): TestProjectInlineConfiguration {
  return {
    root: options.root,
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name: options.name,
      include: [...options.include],
      exclude: [...configDefaults.exclude, '**/dist/**', ...(options.exclude ?? [])],
      environment: 'node',
    },
  };
}

/** The unit tests of one package, beside its source. */
export function packageTests(root: string): TestProjectInlineConfiguration {
  return testProject({
    name: basename(root),
    root,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/*.live.test.ts'],
  });
}

/** The `*.test-d.ts` files of one package. */
export function typeTestProject(root: string): TestProjectInlineConfiguration {
  return {
    root,
    test: {
      name: `${basename(root)} types`,
      include: [],
      typecheck: {
        enabled: true,
        only: true,
        checker: compiler,
        include: ['{src,test}/**/*.test-d.ts'],
        tsconfig: './tsconfig.json',
      },
    },
  };
}
