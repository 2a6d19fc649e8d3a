/** A stretch of a text that is kept as it is. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** Finds what stands between tags of some names, the tags included: outermost regions, in order. */
export type FindRegions = (text: string) => Region[];

/**
 * A tag that is never closed is open to the end if its line begins with it. In the middle of a line it is a mention, such as
 * `git add <file>...`, and none.
 */
export const keptRegions = (tags: readonly string[]): FindRegions => {
  if (tags.length === 0) return () => [];
  const names = tags.map((tag) => tag.replace(/[^\w-]/g, '\\$&')).join('|');
  const signs = new RegExp(`<(${names})(?=[\\s>])|</(${names})>`, 'g');
  return (text) => (tags.some((tag) => text.includes(`<${tag}`)) ? regionsOf(text, signs) : []);
};

const regionsOf = (text: string, signs: RegExp): Region[] => {
  const regions: Region[] = [];
  const open = new Map<string, number[]>();
  for (const { index, 0: sign, 1: opened, 2: closed = '' } of text.matchAll(signs)) {
    if (opened !== undefined) {
      const starts = open.get(opened);
      if (starts === undefined) open.set(opened, [index]);
      else starts.push(index);
      continue;
    }
    const start = open.get(closed)?.pop();
    if (start !== undefined) regions.push({ start, end: index + sign.length });
  }
  const unclosed = [...open.values()].flat().filter((start) => beginsLine(text, start));
  if (unclosed.length > 0)
    regions.push({ start: unclosed.reduce((first, start) => Math.min(first, start)), end: text.length });
  return outermost(regions);
};

const beginsLine = (text: string, at: number): boolean => {
  let before = at;
  while (before > 0 && (text[before - 1] === ' ' || text[before - 1] === '\t')) before--;
  return before === 0 || text[before - 1] === '\n';
};

/** Regions that are in one another, or overlap, become one. */
const outermost = (regions: readonly Region[]): Region[] => {
  const result: Region[] = [];
  for (const region of regions.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last !== undefined && region.start < last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, region.end) };
    else result.push(region);
  }
  return result;
};
