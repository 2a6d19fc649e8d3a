import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { LocatedProblem } from './config-problem.js';
import { findJsonSyntaxProblem } from './json-syntax.js';
import type { KeyPath } from './key-path.js';

/** The data of a file, and the way back from a key to its line. */
export interface ConfigSource {
  readonly data: unknown;
  /** The 1-based line of the key, or of the nearest key around it that the file has. */
  lineOf(path: KeyPath): number;
}

/** How a configuration is written. JSON is held to its own strict grammar. */
export type ConfigFormat = 'yaml' | 'json';

// The library's own messages may quote the text, which may hold a key.
const syntaxMessages: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'this line is not indented like its neighbours; align it with them',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  DUPLICATE_KEY: 'this key is there twice; take one out',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing here or before',
  MULTIPLE_DOCS: 'the file must hold one document; take out what follows "---"',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; is a ":" or a quote missing?',
  BLOCK_AS_IMPLICIT_KEY:
    'there is a second ":" in the line, or the indentation is wrong; quote the text if ":" belongs to it',
  BAD_SCALAR_START: 'text that begins with this character needs quotes',
  BAD_DQ_ESCAPE: 'there is a "\\" that means nothing; double it, or use single quotes',
  TAG_RESOLVE_FAILED: 'this "!" tag is not known; quote the text if "!" belongs to it',
};

const resolved = (document: Document, node: unknown): unknown =>
  isAlias(node) ? node.resolve(document) : node;

interface Step {
  readonly node: unknown;
  readonly offset: number | undefined;
}

const stepInto = (node: unknown, key: string | number): Step | undefined => {
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key] as Node | undefined;
    return item === undefined ? undefined : { node: item, offset: item.range?.[0] };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key));
  return pair === undefined ? undefined : { node: pair.value, offset: (pair.key as Node).range?.[0] };
};

const offsetOf = (document: Document, path: KeyPath): number => {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const key of path) {
    const step = stepInto(resolved(document, node), key);
    if (step === undefined) break;
    node = step.node;
    offset = step.offset ?? offset;
  }
  return offset;
};

// The library throws at these only when the data is read, and quotes the name.
const unknownAlias = (document: Document): Alias | undefined => {
  let found: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
};

const yamlData = (
  document: Document,
): { readonly data: unknown } | { readonly offset: number; readonly message: string } => {
  const alias = unknownAlias(document);
  if (alias !== undefined) {
    const message =
      'this "*" refers to an anchor that does not exist before it; quote the text if "*" belongs to it';
    return { offset: alias.range?.[0] ?? 0, message };
  }
  try {
    return { data: document.toJS({ maxAliasCount: 100 }) };
  } catch {
    return { offset: 0, message: 'the file refers to its anchors too often' };
  }
};

/** Reads the text. Gives the problem where it is not even YAML or JSON. */
export const readSource = (
  text: string,
  format: ConfigFormat,
): { readonly source: ConfigSource } | { readonly problem: LocatedProblem } => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const problemAt = (offset: number, message: string) => ({
    problem: { path: [], line: lines.linePos(offset).line, message },
  });
  if (format === 'json') {
    const broken = findJsonSyntaxProblem(text);
    if (broken !== undefined) return problemAt(broken.offset, broken.message);
  }
  // The first problem says enough: those after it mostly follow from it.
  const error = document.errors[0];
  if (error !== undefined)
    return problemAt(error.pos[0], syntaxMessages[error.code] ?? 'this is not valid YAML');
  const read = format === 'json' ? { data: JSON.parse(text) as unknown } : yamlData(document);
  if ('message' in read) return problemAt(read.offset, read.message);
  return { source: { data: read.data, lineOf: (path) => lines.linePos(offsetOf(document, path)).line } };
};
