import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';
import { cruise } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import configuration from '../.dependency-cruiser.mjs';

const root = join(import.meta.dirname, '..');

/** Checks a tree and answers with one line a violation: `rule: file`. */
async function violationsOf(baseDir: string): Promise<string[]> {
  const folders = ['packages', 'examples', 'bench', 'tests'].filter((name) =>
    existsSync(join(baseDir, name)),
  );
  const { enhancedResolveOptions, ...options } = configuration.options;
  const { output } = await cruise(
    folders,
    {
      ...options,
      baseDir,
      validate: true,
      ruleSet: { forbidden: configuration.forbidden as IForbiddenRuleType[] },
    },
    enhancedResolveOptions,
  );
  const { summary } = output as ICruiseResult;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

test('the repository keeps its dependency rules', { timeout: 60_000 }, async () => {
  expect(await violationsOf(root)).toEqual([]);
});

/** One file a line: its path, and what it says. Every rule has a file that breaks it. */
const offences: Record<string, readonly [file: string, code: string]> = {
  'core-layers-internal': ['packages/core/src/internal/offence.ts', `import '../model/model.js';`],
  'core-layers-model': [
    'packages/core/src/model/offence.ts',
    `import type {} from '../provider/provider.js';`,
  ],
  'core-layers-provider': ['packages/core/src/provider/offence.ts', `import '../routing/routing.js';`],
  'core-layers-storage': ['packages/core/src/storage/offence.ts', `import '../ledger/ledger.js';`],
  'core-layers-telemetry': ['packages/core/src/telemetry/offence.ts', `import '../provider/provider.js';`],
  'core-layers-tokens': ['packages/core/src/tokens/offence.ts', `import '../provider/provider.js';`],
  'core-layers-time': ['packages/core/src/time/offence.ts', `import '../provider/provider.js';`],
  'core-layers-routing': ['packages/core/src/routing/offence.ts', `import '../ledger/ledger.js';`],
  'core-layers-cache': ['packages/core/src/cache/offence.ts', `import '../routing/routing.js';`],
  'core-layers-compression': [
    'packages/core/src/compression/offence.ts',
    `export * from '../cache/cache.js';`,
  ],
  'core-layers-budget': ['packages/core/src/budget/offence.ts', `import '../ledger/ledger.js';`],
  'core-layers-ledger': ['packages/core/src/ledger/offence.ts', `import '../gateway/gateway.js';`],
  'core-layers-gateway': ['packages/core/src/gateway/offence.ts', `await import('../index.js');`],
  'core-layers-graph': ['packages/core/src/graph/offence.ts', `import '../gateway/gateway.js';`],
  'core-layers-agents': ['packages/core/src/agents/offence.ts', `import '../ledger/ledger.js';`],
  'core-layers-known': ['packages/core/src/novelty/offence.ts', `import '../model/model.js';`],
  'package-arrows-core': ['packages/core/src/offence.ts', `import '@millrace/providers/openai';`],
  'package-arrows-providers': ['packages/providers/src/offence.ts', `import '@millrace/server-adapter';`],
  'package-arrows-sandbox': ['packages/sandbox/src/offence.ts', `import '@millrace/vault';`],
  'package-arrows-vault': ['packages/vault/src/offence.ts', `import type {} from '@millrace/providers';`],
  'package-arrows-server-adapter': [
    'packages/server-adapter/src/offence.ts',
    `import '../../../examples/cli/main.ts';`,
  ],
  'vendor-lazy': ['packages/providers/src/openai/offence.ts', `import OpenAI from 'openai';`],
  'provider-folders-apart': [
    'packages/providers/src/openai/offence-apart.ts',
    `import '../simulated/simulated.js';`,
  ],
  'openai-for-openai-compatible-only': [
    'packages/providers/src/simulated/offence.ts',
    `import '../openai/openai.js';`,
  ],
  'vault-types-only': [
    'packages/vault/src/offence-value.ts',
    `import { MillraceError } from '@millrace/core';`,
  ],
  'core-runs-anywhere': [
    'packages/core/src/gateway/offence-node.ts',
    `import { readFile } from 'node:fs/promises';`,
  ],
  'packages-by-name': ['packages/providers/src/offence-path.ts', `import '../../core/src/model/model.js';`],
  'no-cycles': ['packages/core/src/ledger/offence-cycle-back.ts', `import './offence-cycle.js';`],
};

const vendors: Record<string, string> = {
  'vendor-home-openai': 'openai/core/streaming',
  'vendor-home-@anthropic-ai/sdk': '@anthropic-ai/sdk',
  'vendor-home-@google/genai': '@google/genai',
  'vendor-home-ollama': 'ollama',
  'vendor-home-ai': 'ai',
  'vendor-home-@ai-sdk/[^/]+': '@ai-sdk/provider',
  'vendor-home-(?:pg|postgres)': 'pg',
  'vendor-home-(?:redis|ioredis|@redis/[^/]+)': '@redis/client',
  'vendor-home-better-sqlite3': 'better-sqlite3',
  'vendor-home-@napi-rs/keyring': '@napi-rs/keyring',
  'vendor-home-dockerode': 'dockerode',
  'vendor-home-express': 'express',
  'vendor-home-fastify': 'fastify',
};

/** What the rules must let through. */
const allowed: Record<string, string> = {
  'packages/core/src/index.ts': `export * from './gateway/gateway.js'; export * from './model/model.js';`,
  'packages/core/src/model/model.ts': `import '../internal/internal.js';`,
  'packages/core/src/model/model.test.ts': `import 'node:fs'; import '../index.js'; import 'openai';`,
  'packages/core/src/internal/internal.ts': 'export {};',
  'packages/core/src/provider/provider.ts': `import '../model/model.js';`,
  'packages/core/src/routing/routing.ts': `import '../provider/provider.js';`,
  'packages/core/src/cache/cache.ts': `import '../storage/sqlite/sqlite.js';`,
  'packages/core/src/ledger/ledger.ts': `import '../model/model.js'; import 'uuid';`,
  'packages/core/src/ledger/offence-cycle.ts': `import './offence-cycle-back.js';`,
  'packages/core/src/storage/sqlite/sqlite.ts': `import 'node:sqlite';`,
  'packages/core/src/gateway/gateway.ts': `import '../routing/routing.js'; import '../ledger/ledger.js';`,
  'packages/providers/src/openai/openai.ts': `import type OpenAI from 'openai'; await import('openai');`,
  'packages/providers/src/openai-compatible/openai-compatible.ts': `import '../openai/openai.js';`,
  'packages/providers/src/simulated/simulated.ts': `import '@millrace/core/model'; import 'eventsource-parser';`,
  'packages/vault/src/vault.ts': `import type { MillraceError } from '@millrace/core';`,
  'packages/server-adapter/src/mount/express.ts': `import type { RequestHandler } from 'express'; import '@millrace/providers';`,
  'examples/cli/main.ts': `import '@millrace/server-adapter/node'; import 'openai';`,
};

describe('each dependency rule', () => {
  let tree: string;
  let violations: string[];

  beforeAll(async () => {
    tree = mkdtempSync(join(tmpdir(), 'millrace-rules-'));
    const files: Record<string, string> = { ...allowed };
    for (const [file, code] of Object.values(offences)) files[file] = code;
    Object.entries(vendors).forEach(([, specifier], index) => {
      files[`packages/core/src/model/vendor-${index}.ts`] = `await import('${specifier}');`;
    });
    for (const name of ['openai', 'express', '@millrace/core']) {
      files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: 'index.js' });
      files[`node_modules/${name}/index.js`] = '';
    }
    for (const [file, code] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), `${code}\n`);
    }
    violations = await violationsOf(tree);
  }, 60_000);

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  test('has an offence here', () => {
    const covered = [...Object.keys(offences), ...Object.keys(vendors)].sort();
    expect(covered).toEqual(configuration.forbidden.map(({ name }) => name).sort());
  });

  test.each(Object.entries(offences))('%s fires', (rule, [file]) => {
    expect(violations).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: ${file} `)));
  });

  test.each(Object.keys(vendors).map((rule, index) => [rule, index] as const))('%s fires', (rule, index) => {
    const fired = violations.some((line) =>
      line.startsWith(`${rule}: packages/core/src/model/vendor-${index}.ts `),
    );
    expect(fired).toBe(true);
  });

  test('lets the allowed imports through', () => {
    const innocent = violations.filter((line) => !/: \S*\/(offence|vendor-)/.test(line));
    expect(innocent).toEqual([]);
  });
});
