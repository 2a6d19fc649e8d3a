// Keeps source files small: at most 400 lines each, and never more than five exceptions.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesBelow, root } from './lib/workspace.mjs';

const lineLimit = 400;
const exceptionLimit = 5;

/** Files that may be longer, each with the reason why splitting them would be worse. */
const exceptions = new Map([]);

const folders =
  process.argv.length > 2 ? process.argv.slice(2) : ['packages', 'examples', 'bench', 'scripts', 'tests'];
const problems = [];
if (exceptions.size > exceptionLimit) {
  problems.push(`${exceptions.size} exceptions; at most ${exceptionLimit} are allowed.`);
}

const lengths = [];
for (const file of folders.flatMap((folder) => filesBelow(join(root, folder)))) {
  const name = relative(root, file).replaceAll('\\', '/');
  if (!/\.(ts|mts|js|mjs)$/.test(name) || name.includes('/fixtures/')) continue;
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  // Generated, recorded and vendored files say so in their first line.
  if (/\b(generated|recorded|vendored)\b/i.test(lines[0]) && /^\s*(\/\/|\/\*)/.test(lines[0])) continue;
  lengths.push(lines.length);
  if (lines.length > lineLimit && !exceptions.has(name)) {
    problems.push(`${name} has ${lines.length} lines; the limit is ${lineLimit}. Split it by concept.`);
  }
}

lengths.sort((a, b) => a - b);
const at = (share) => lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))] ?? 0;
console.log(
  `${lengths.length} files: median ${at(0.5)} lines, p90 ${at(0.9)}, longest ${lengths.at(-1) ?? 0}.`,
);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
