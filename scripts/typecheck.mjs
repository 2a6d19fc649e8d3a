// Type-checks every package and the root project. `--compat` uses the TypeScript 6 compiler instead of the native one.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const compiler = args.includes('--compat') ? 'typescript/bin/tsc' : '@typescript/native/bin/tsc';
const named = args.filter((argument) => !argument.startsWith('--'));

const packages = readdirSync(`${root}/packages`)
  .map((name) => `packages/${name}`)
  .filter((folder) => existsSync(`${root}/${folder}/tsconfig.json`) && existsSync(`${root}/${folder}/src`));
const projects = named.length > 0 ? named : [...packages, '.'];

let failed = 0;
for (const project of projects) {
  const result = spawnSync(process.execPath, [`node_modules/${compiler}`, '--noEmit', '-p', project], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) failed += 1;
  console.log(`${result.status === 0 ? 'ok  ' : 'FAIL'} typecheck ${project}`);
}
process.exitCode = failed === 0 ? 0 : 1;
