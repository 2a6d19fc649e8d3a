// Imports what its arguments name, one after the other, and prints which packages each import has loaded.
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? /^node:sqlite$/.exec(url)?.[0];
    if (name !== undefined) loaded.add(name);
    return next(url, context);
  },
});

for (const specifier of process.argv.slice(2)) await import(specifier);
console.log(JSON.stringify([...loaded].sort()));
