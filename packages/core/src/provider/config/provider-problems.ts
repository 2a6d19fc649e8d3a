import type { ConfigProblem } from './config-problem.js';
import type { KeyPath } from './key-path.js';
import { isSecretHeader, looksLikeSecret } from './secret-guard.js';

type Group = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ONLY_OPENAI = ['organization', 'project'];
const NOT_SIMULATED = ['baseUrl', 'apiKeyEnv', 'headers'];
const KNOWN_TYPES = new Set([
  'anthropic',
  'claude-cli',
  'google',
  'ollama',
  'openai',
  'openai-compatible',
  'simulated',
]);

const typeProblems = (provider: Group, path: KeyPath): readonly ConfigProblem[] => {
  const { type } = provider;
  if (typeof type !== 'string' || !KNOWN_TYPES.has(type)) return [];
  const misplaced = [
    ...(type === 'openai' ? [] : ONLY_OPENAI),
    ...(type === 'simulated' ? NOT_SIMULATED : []),
    ...(type === 'claude-cli' ? ['headers'] : ['options']),
  ].filter((key) => provider[key] !== undefined);
  const problems = misplaced.map((key) => ({
    path: [...path, key],
    message: `is not used by providers of the type "${type}". Take it out`,
  }));
  return type === 'openai-compatible' && provider['baseUrl'] === undefined
    ? [
        ...problems,
        { path, message: 'needs "baseUrl", the address of its API, such as http://127.0.0.1:8000/v1' },
      ]
    : problems;
};

const headerProblems = (provider: Group, path: KeyPath): readonly ConfigProblem[] => {
  const { headers } = provider;
  if (!isGroup(headers)) return [];
  return Object.entries(headers)
    .filter(([name, value]) => isSecretHeader(name) || (typeof value === 'string' && looksLikeSecret(value)))
    .map(([name]) => ({
      path: [...path, 'headers', name],
      message:
        'looks like a key, which must not be in the file. Put the key into an environment variable and name that variable in "apiKeyEnv"',
    }));
};

const keyVariableProblems = (provider: Group, path: KeyPath): readonly ConfigProblem[] => {
  const name = provider['apiKeyEnv'];
  // A name that is no variable's name at all is the schema's to report.
  if (typeof name !== 'string' || !/^\w+$/.test(name) || !looksLikeSecret(name.replaceAll('_', '-')))
    return [];
  return [
    {
      path: [...path, 'apiKeyEnv'],
      message:
        'looks like a key. It takes the name of the environment variable that holds the key, such as OPENAI_API_KEY',
    },
  ];
};

const urlProblems = (provider: Group, path: KeyPath): readonly ConfigProblem[] => {
  const address = provider['baseUrl'];
  if (typeof address !== 'string' || !URL.canParse(address)) return [];
  const { username, password, searchParams } = new URL(address);
  const secret =
    username !== '' ||
    password !== '' ||
    [...searchParams].some(
      ([name, value]) => isSecretHeader(name) || name === 'key' || looksLikeSecret(value),
    );
  return secret
    ? [
        {
          path: [...path, 'baseUrl'],
          message: 'holds a password or key. Take it out of the address and use "apiKeyEnv"',
        },
      ]
    : [];
};

const duplicateProblems = (providers: readonly unknown[]): readonly ConfigProblem[] => {
  const first = new Map<unknown, number>();
  const problems: ConfigProblem[] = [];
  for (const [index, provider] of providers.entries()) {
    const id = isGroup(provider) ? provider['id'] : undefined;
    if (typeof id !== 'string') continue;
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    else {
      problems.push({
        path: ['providers', index, 'id'],
        message: `is the same as that of providers[${before}]. Give every provider an id of its own`,
      });
    }
  }
  return problems;
};

/** What a schema cannot say of the providers. Takes data that the schema may have refused, to find everything at once. */
export const providerProblems = (data: unknown): readonly ConfigProblem[] => {
  const providers = isGroup(data) ? data['providers'] : undefined;
  if (!Array.isArray(providers)) return [];
  const single = providers.flatMap((provider: unknown, index) => {
    if (!isGroup(provider)) return [];
    const path: KeyPath = ['providers', index];
    return [typeProblems, headerProblems, keyVariableProblems, urlProblems].flatMap((check) =>
      check(provider, path),
    );
  });
  return [...single, ...duplicateProblems(providers)];
};
