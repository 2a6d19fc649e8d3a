const space = /[ \t\r\n]*/y;
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in text.
const textLiteral = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Where a text stops being JSON, and what is expected there. */
export interface JsonSyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/**
 * Finds the first place where a text is not JSON. The messages of `JSON.parse` name no place in some cases, and quote
 * the text, which may hold a key.
 */
export const findJsonSyntaxProblem = (source: string): JsonSyntaxProblem | undefined => {
  let offset = 0;

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset;
    if (!pattern.test(source)) return false;
    offset = pattern.lastIndex;
    return true;
  };
  const takeCharacter = (character: string): boolean => {
    take(space);
    if (source[offset] !== character) return false;
    offset += 1;
    return true;
  };
  const takeText = (): string | undefined => {
    take(space);
    if (take(textLiteral)) return undefined;
    return source[offset] === "'"
      ? 'text needs double quotes, not single ones'
      : 'a text in double quotes is expected here';
  };

  const members = (close: string, member: () => string | undefined): string | undefined => {
    if (takeCharacter(close)) return undefined;
    for (;;) {
      const problem = member();
      if (problem !== undefined) return problem;
      if (takeCharacter(close)) return undefined;
      if (!takeCharacter(',')) return `"," or "${close}" is expected here`;
      take(space);
      if (source[offset] === close) return `JSON allows no "," before "${close}"; take it out`;
    }
  };
  const pair = (): string | undefined =>
    takeText() ?? (takeCharacter(':') ? value() : '":" is expected after a key');

  const value = (): string | undefined => {
    if (takeCharacter('{')) return members('}', pair);
    if (takeCharacter('[')) return members(']', value);
    take(space);
    if (source[offset] === '"') return takeText();
    if (take(literal)) return undefined;
    if (source.startsWith('//', offset) || source.startsWith('/*', offset))
      return 'JSON allows no comments; use a .yaml file';
    return offset >= source.length
      ? 'the file ends too early; a value is expected'
      : 'a value is expected here';
  };

  const problem = value();
  if (problem !== undefined) return { offset, message: problem };
  take(space);
  return offset < source.length ? { offset, message: 'nothing may follow the end of the value' } : undefined;
};
