// The dependency rules of docs/architecture.md. tests/dependency-rules.test.ts proves that each of them can fail.

/** The layers of core: what each folder may import from, besides itself and `internal`. A new folder is one line. */
const coreLayers = {
  internal: [],
  model: [],
  provider: ['model', 'telemetry'],
  storage: ['model', 'telemetry'],
  telemetry: ['model'],
  tokens: ['model'],
  time: ['model'],
  routing: ['model', 'provider', 'storage', 'telemetry'],
  cache: ['model', 'provider', 'storage', 'telemetry'],
  compression: ['model', 'provider', 'storage', 'telemetry', 'tokens'],
  budget: ['model', 'provider', 'storage', 'telemetry', 'tokens', 'time'],
  ledger: ['model', 'provider', 'storage', 'telemetry', 'time'],
  gateway: [
    'model',
    'provider',
    'storage',
    'telemetry',
    'tokens',
    'routing',
    'cache',
    'compression',
    'budget',
    'ledger',
  ],
  graph: ['model', 'storage', 'telemetry'],
  agents: ['model', 'provider', 'storage', 'telemetry', 'gateway', 'graph'],
};

/** What each package may import from, besides itself. */
const packageArrows = {
  core: [],
  providers: ['core'],
  sandbox: ['core'],
  vault: ['core'],
  'server-adapter': ['core', 'providers', 'sandbox', 'vault'],
};

/** Vendor SDKs, database and container clients, web frameworks: the one place that may name each of them. */
const vendorHomes = {
  openai: 'packages/providers/src/openai/',
  '@anthropic-ai/sdk': 'packages/providers/src/anthropic/',
  '@google/genai': 'packages/providers/src/google/',
  ollama: 'packages/providers/src/ollama/',
  ai: 'packages/providers/src/ai-sdk/',
  '@ai-sdk/[^/]+': 'packages/providers/src/ai-sdk/',
  '(?:pg|postgres)': 'packages/core/src/storage/postgres/',
  '(?:redis|ioredis|@redis/[^/]+)': 'packages/core/src/storage/redis/',
  'better-sqlite3': 'packages/core/src/storage/sqlite/',
  dockerode: 'packages/sandbox/src/docker/',
  '@napi-rs/keyring': 'packages/vault/src/keychain/',
  express: 'packages/server-adapter/src/mount/express',
  fastify: 'packages/server-adapter/src/mount/fastify',
};

/** Node built-ins in core: drivers and the configuration file only, because the root entry runs anywhere. */
const coreNodeHomes = '^packages/core/src/(?:[^/]+/(?:sqlite|postgres|redis)|provider/config)/';

/** Folders of providers that are no adapter: the ones that assemble adapters, and the ones that adapters share. */
const providerAssembly = ['config', 'environment'];
const providerShared = ['internal', 'conformance', 'openai-chat', 'openai-responses', 'transport'];

const tests = '\\.(?:test|test-d|examples|bench)\\.ts$';
const either = (names) => `(?:${names.join('|')})`;
const ownPackage = (names) =>
  `(?:^packages/${either(names)}/|(?:^|(?:^|/)node_modules/)@millrace/${either(names)}(?:/|$))`;
const vendor = (name) => `(?:^|(?:^|/)node_modules/(?:@types/)?)${name}(?:/|$)`;
/** @type {'error'} */
const error = 'error';

const layerRules = Object.entries(coreLayers).map(([folder, below]) => ({
  name: `core-layers-${folder}`,
  comment: `packages/core/src/${folder} may import only from ${[...below, 'internal', 'itself'].join(', ')}.`,
  severity: error,
  from: { path: `^packages/core/src/${folder}/`, pathNot: tests },
  to: {
    path: '^packages/core/src/',
    pathNot: `^packages/core/src/${either([folder, 'internal', ...below])}/`,
  },
}));

const packageRules = Object.entries(packageArrows).map(([name, allowed]) => ({
  name: `package-arrows-${name}`,
  comment: `@millrace/${name} may import only ${allowed.map((other) => `@millrace/${other}`).join(', ') || 'no package of ours'}.`,
  severity: error,
  from: { path: `^packages/${name}/` },
  to: {
    path: '^packages/|^@millrace/|node_modules/@millrace/|^examples/|^bench/|^tests/',
    pathNot: ownPackage([name, ...allowed]),
  },
}));

const vendorRules = Object.entries(vendorHomes).map(([name, home]) => ({
  name: `vendor-home-${name}`,
  comment: `Only ${home} may import this client.`,
  severity: error,
  from: { path: '^packages/[^/]+/src/', pathNot: [`^${home}`, tests] },
  to: { path: vendor(name) },
}));

export default {
  forbidden: [
    ...layerRules,
    ...packageRules,
    ...vendorRules,
    {
      name: 'core-layers-known',
      comment: 'A folder of core without a line in coreLayers would obey no rule: add one.',
      severity: error,
      from: {
        path: '^packages/core/src/[^/]+/',
        pathNot: `^packages/core/src/${either(Object.keys(coreLayers))}/`,
      },
      to: {},
    },
    {
      name: 'vendor-lazy',
      comment: 'Clients are optional peers: load them by dynamic import. Type-only imports are fine.',
      severity: error,
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: {
        path: either(Object.keys(vendorHomes).map(vendor)),
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'provider-folders-apart',
      comment: 'Adapters stand alone; only openai-compatible builds on openai.',
      severity: error,
      from: {
        path: '^packages/providers/src/([^/]+)/',
        pathNot: [`^packages/providers/src/${either(providerAssembly)}/`, tests],
      },
      to: {
        path: '^packages/providers/src/[^/]+/',
        pathNot: [
          `^packages/providers/src/${either(['$1', 'openai', ...providerShared])}/`,
          // A list, which the Claude CLI has in common.
          '^packages/providers/src/anthropic/models\\.ts$',
        ],
      },
    },
    {
      name: 'openai-for-openai-compatible-only',
      comment: 'Adapters stand alone; only openai-compatible builds on openai.',
      severity: error,
      from: {
        path: '^packages/providers/src/[^/]+/',
        pathNot: [
          `^packages/providers/src/${either(['openai', 'openai-compatible', ...providerAssembly])}/`,
          tests,
        ],
      },
      to: { path: '^packages/providers/src/openai/' },
    },
    {
      name: 'vault-types-only',
      comment: 'The vault imports core for types only, but for the errors, which are one hierarchy.',
      severity: error,
      from: { path: '^packages/vault/src/', pathNot: tests },
      to: {
        path: ownPackage(['core']),
        pathNot: '^packages/core/(?:src|dist)/model/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'core-runs-anywhere',
      comment: 'Node built-ins belong to a driver behind a subpath.',
      severity: error,
      from: { path: '^packages/core/src/', pathNot: [coreNodeHomes, tests] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-by-name',
      comment: 'Import another package by its name, never by a path into its folder.',
      severity: error,
      // `tests` is no workspace: what it imports by name looks like a path here.
      from: { path: '^(packages/[^/]+|examples/[^/]+|bench)/' },
      to: { path: '^packages/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-cycles',
      comment: 'Circular imports hide which part owns what.',
      severity: error,
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^packages/[^/]+/dist'] },
    exclude: { path: ['(^|/)dist/', '(^|/)fixtures/', '(^|/)coverage/'] },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@millrace/source', 'import', 'types', 'node', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.json'],
    },
  },
};
