import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CommandFailure } from '../lib/workspace.mjs';

const NAME = '@pydantic/genai-prices';

/** Asked of the registry, because files in a package carry no date. */
const publishedOn = (version) => {
  const { stdout, status } = spawnSync('npm', ['view', `${NAME}@${version}`, 'time', '--json'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const day = status === 0 ? JSON.parse(stdout)[version]?.slice(0, 10) : undefined;
  if (day === undefined)
    throw new CommandFailure(`The registry does not say when ${NAME} ${version} was published; use --as-of.`);
  return day;
};

const versionOf = (entry) => {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    if (name === NAME) return version;
  }
  throw new CommandFailure(`No manifest of ${NAME} was found above ${entry}.`);
};

const fromFile = (file, asOf) => {
  if (asOf === undefined) throw new CommandFailure('--data needs --as-of, the day of the data.');
  const providers = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(providers)) throw new CommandFailure(`${file} must hold a list of providers.`);
  const models = (id) => providers.find((provider) => provider.id === id)?.models;
  return { name: NAME, version: 'from a file', published: asOf, models };
};

/**
 * The data set: its name, version and day, and `models(provider)`, which is `undefined` for a provider that it does not
 * have.
 */
export const openDataSet = async ({ file, asOf, record }) => {
  if (file !== undefined) return fromFile(file, asOf);
  const { findProvider } = await import('@pydantic/genai-prices');
  const version = versionOf(createRequire(import.meta.url).resolve(NAME));
  const published = asOf ?? (record?.version === version ? record.published : publishedOn(version));
  // Its search is by resemblance: what it finds may be another provider.
  const models = (id) => {
    const found = findProvider({ providerId: id });
    return found?.id === id ? found.models : undefined;
  };
  return { name: NAME, version, published, models };
};
