import { packageEntries } from './package-entries.ts';

/** The typedoc options of one package: a page per exported entry point. */
export function packageDocs(packageRoot) {
  return { entryPoints: Object.values(packageEntries(packageRoot).exported) };
}
