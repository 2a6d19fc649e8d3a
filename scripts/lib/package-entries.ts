import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface ExportTarget {
  readonly '@millrace/source': string;
  readonly types: string;
  readonly default: string;
}

interface PackageManifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | ExportTarget>>;
  readonly millrace?: { readonly extraEntries?: readonly string[] };
}

export interface PackageEntries {
  /** Every file to build: output path without extension → source file. */
  readonly all: Record<string, string>;
  /** The ones that get declarations: what `exports` names. */
  readonly exported: Record<string, string>;
}

const sourcePattern = /^\.\/src\/(.+)\.ts$/;

function outputName(source: string, where: string): string {
  const name = sourcePattern.exec(source)?.[1];
  if (name === undefined) throw new Error(`${where}: "${source}" must look like ./src/<path>.ts`);
  return name;
}

/**
 * Reads the entry points of a package from its `exports`, and the files that are built without being exported
 * (workers) from `millrace.extraEntries`. `dist` mirrors `src`, so a new entry point is one edit in package.json.
 */
export function packageEntries(packageRoot: string): PackageEntries {
  const manifest: PackageManifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const exported: Record<string, string> = {};
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    const where = `${manifest.name} exports["${subpath}"]`;
    const name = outputName(target['@millrace/source'], where);
    if (target.default !== `./dist/${name}.js` || target.types !== `./dist/${name}.d.ts`) {
      throw new Error(
        `${where}: expected ./dist/${name}.js and ./dist/${name}.d.ts, because dist mirrors src`,
      );
    }
    exported[name] = target['@millrace/source'];
  }
  const all = { ...exported };
  for (const source of manifest.millrace?.extraEntries ?? []) {
    all[outputName(source, `${manifest.name} millrace.extraEntries`)] = source;
  }
  return { all, exported };
}
