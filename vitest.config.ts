import { defineConfig } from 'vitest/config';
import { testProject } from './scripts/lib/package-tests.ts';

const root = import.meta.dirname;
const live = process.env['MILLRACE_LIVE'] !== undefined && process.env['MILLRACE_LIVE'] !== '';

const offlineProjects = [
  'packages/*',
  testProject({ name: 'tests', root, include: ['tests/**/*.test.ts'], exclude: ['**/*.live.test.ts'] }),
  testProject({ name: 'examples', root, include: ['examples/**/*.test.ts'], exclude: ['**/*.live.test.ts'] }),
];

// Live tests call real vendors and cost money: they run alone, and only when MILLRACE_LIVE is set.
const liveProjects = [
  testProject({
    name: 'live',
    root,
    include: ['packages/*/{src,test}/**/*.live.test.ts', 'tests/**/*.live.test.ts'],
  }),
];

export default defineConfig({
  test: {
    projects: live ? liveProjects : offlineProjects,
    maxWorkers: 2,
    silent: 'passed-only',
    passWithNoTests: true,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/*.examples.ts'],
    },
  },
});
