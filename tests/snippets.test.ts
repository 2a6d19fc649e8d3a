import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const pages = globSync('{*.md,docs/*.md,packages/*/README.md,examples/*/README.md,bench/README.md}', {
  cwd: root,
});

/** Every TypeScript block of a page, as a virtual file with the block's line numbers. */
const snippetsOf = (page: string): Map<string, string> => {
  const text = readFileSync(resolve(root, page), 'utf8');
  const snippets = new Map<string, string>();
  for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const before = text.slice(0, match.index).split('\n').length;
    snippets.set(
      resolve(root, 'tests', `${page.replaceAll('/', '_')}.${before}.ts`),
      `${'\n'.repeat(before)}${match[1]}\nexport {};\n`,
    );
  }
  return snippets;
};

test('every TypeScript snippet of the documentation compiles', () => {
  const snippets = new Map(pages.flatMap((page) => [...snippetsOf(page)]));
  expect(snippets.size).toBeGreaterThan(3);
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['@millrace/source'],
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => snippets.get(resolve(file)) ?? readFile(file);
  host.fileExists = (file) => snippets.has(resolve(file)) || fileExists(file);
  host.getSourceFile = (file, ...rest) => {
    const text = snippets.get(resolve(file));
    return text === undefined
      ? getSourceFile(file, ...rest)
      : ts.createSourceFile(file, text, options.target ?? 0);
  };
  const program = ts.createProgram([...snippets.keys()], options, host);
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file !== undefined && snippets.has(resolve(file.fileName)))
    .map((diagnostic) =>
      ts.formatDiagnostic(diagnostic, {
        ...host,
        getCanonicalFileName: (name) => name,
        getNewLine: () => '\n',
      }),
    );
  expect(problems).toEqual([]);
}, 60_000);
