import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandFailure } from '../lib/workspace.mjs';

/** What we keep by hand: the models of each vendor with their facts, and the prices that go before the data set. */
export const readVendors = (root) => {
  const folder = join(root, 'scripts/prices/models');
  const overridesFile = join(root, 'scripts/prices/overrides.json');
  const overrides = JSON.parse(readFileSync(overridesFile, 'utf8'));
  const vendors = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const vendor = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      const own = name.slice(0, -'.json'.length);
      return { ...vendor, name: own, overrides: overrides[own] ?? {} };
    });
  for (const [name, entries] of Object.entries(overrides)) {
    const vendor = vendors.find((one) => one.name === name);
    if (vendor === undefined) throw new CommandFailure(`${overridesFile}: there is no vendor "${name}".`);
    for (const id of Object.keys(entries)) {
      if (!vendor.models.some((model) => model.id === id))
        throw new CommandFailure(`${overridesFile}: ${name} has no model "${id}".`);
    }
  }
  return vendors;
};

/** The models as they were last written, by id. */
export const readCurrent = async (root, vendor) => {
  const file = join(root, vendor.file);
  if (!existsSync(file)) return new Map();
  const module = await import(pathToFileURL(file).href);
  const lists = Object.values(module).filter((value) => Array.isArray(value));
  return new Map(lists.flat().map((model) => [model.id, model]));
};
