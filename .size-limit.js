// Limits on minified, brotli-compressed bundles with everything that an entry point pulls in.

const common = { format: 'esm', logOverride: { 'ignored-bare-import': 'silent' } };

/** Bundles for any JavaScript runtime: an import of a Node built-in makes the check fail. */
function neutral(config) {
  return {
    ...config,
    ...common,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
  };
}

function node(config) {
  return { ...config, ...common, platform: 'node', splitting: true };
}

/** Optional peers and Node's own fetch are the host's choice and do not count. */
const ignore = [
  'openai',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ollama',
  'undici',
  'pg',
  'ioredis',
  '@napi-rs/keyring',
  '@millrace/vault',
];

function entry(name, path, limit, modifyEsbuildConfig = node) {
  return { name, path, limit, ignore, modifyEsbuildConfig };
}

export default [
  entry('core (any runtime)', 'packages/core/dist/index.js', '85 kB', neutral),
  entry('core/model (any runtime)', 'packages/core/dist/model/index.js', '4 kB', neutral),
  entry('core/gateway (any runtime)', 'packages/core/dist/gateway/index.js', '85 kB', neutral),
  entry('core/compression (any runtime)', 'packages/core/dist/compression/index.js', '12 kB', neutral),
  entry('core/storage/sqlite', 'packages/core/dist/storage/sqlite/index.js', '24 kB'),
  entry('core/storage/postgres', 'packages/core/dist/storage/postgres/index.js', '16 kB'),
  entry('core/storage/redis', 'packages/core/dist/storage/redis/index.js', '10 kB'),
  entry('core/config', 'packages/core/dist/provider/config/index.js', '120 kB'),
  entry('providers/simulated', 'packages/providers/dist/simulated/index.js', '5 kB'),
  entry('providers/ai-sdk', 'packages/providers/dist/ai-sdk/index.js', '12 kB'),
  entry('providers/anthropic', 'packages/providers/dist/anthropic/index.js', '20 kB'),
  entry('providers/claude-cli', 'packages/providers/dist/claude-cli/index.js', '20 kB'),
  entry('providers/google', 'packages/providers/dist/google/index.js', '20 kB'),
  entry('providers/ollama', 'packages/providers/dist/ollama/index.js', '20 kB'),
  entry('providers/openai', 'packages/providers/dist/openai/index.js', '25 kB'),
  entry('vault', 'packages/vault/dist/index.js', '420 kB'),
  entry('server-adapter', 'packages/server-adapter/dist/index.js', '100 kB'),
];
