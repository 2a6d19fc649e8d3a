import type { TextLine } from './text-lines.js';

/** How lines relate to the same ones before: numbered alike, numbered higher or lower, or numbered at one place only. */
type RunKind = 'same' | 'shifted' | 'unnumbered-there' | 'unnumbered-here';

/** Lines that were said before. */
export interface Run {
  /** The first line, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly kind: RunKind;
  /** By how much the numbers here are greater than there. */
  readonly shift: number;
}

/** Knows the lines of the conversation so far, and finds runs of them again. */
export interface LineIndex {
  /** The runs in a stretch of text that stand earlier already. All other lines are remembered. */
  readonly findRuns: (lines: readonly TextLine[]) => Run[];
  /** Remembers a stretch of text that stays as it is. */
  readonly remember: (lines: readonly TextLine[]) => void;
}

/** A run says at least this much, in characters without line numbers. A reference is about half as long. */
const LEAST_RUN = 100;
/** More lines than this that say less than `LEAST_RUN` together are not looked at. */
const LONGEST_WINDOW = 48;
const FACTOR = 0x01000193;
/** Parts stretches of text, and stands for lines that are no longer there. Equal to no line. */
const GONE = -1;

const POWERS: readonly number[] = (() => {
  const powers = [1];
  for (let size = 1; size <= LONGEST_WINDOW; size++) powers.push(Math.imul(powers[size - 1] ?? 1, FACTOR));
  return powers;
})();

export const lineIndex = (): LineIndex => {
  const names = new Map<string, number>();
  /** By position: the line's name, its number, and a hash of all names before it. */
  const lineNames: number[] = [];
  const numbers: number[] = [];
  const hashes: number[] = [0];
  /** By the hash of a window of lines: where it stands for the first time. */
  const windows = new Map<number, number>();

  const append = (lines: readonly TextLine[]): number => {
    const base = lineNames.length;
    for (const { key, number } of lines) {
      let name = names.get(key);
      if (name === undefined) {
        name = names.size;
        names.set(key, name);
      }
      add(name, number);
    }
    add(GONE, -1);
    return base;
  };

  const add = (name: number, number: number): void => {
    lineNames.push(name);
    numbers.push(number);
    hashes.push((Math.imul(hashes[hashes.length - 1] ?? 0, FACTOR) + name + 2) | 0);
  };

  const relation = (there: number, here: number): readonly [RunKind, number] => {
    const before = numbers[there] ?? -1;
    const now = numbers[here] ?? -1;
    if (before === now) return ['same', 0];
    if (before < 0) return ['unnumbered-there', 0];
    return now < 0 ? ['unnumbered-here', 0] : ['shifted', now - before];
  };

  /** The run from `here` on that stands from `there` on as well, its lines all related in one way. */
  const runAt = (
    there: number,
    here: number,
    end: number,
  ): { length: number; kind: RunKind; shift: number } => {
    const [kind, shift] = relation(there, here);
    let length = 0;
    while (here + length < end && there + length < here) {
      const name = lineNames[there + length];
      if (name === GONE || name !== lineNames[here + length]) break;
      const [nextKind, nextShift] = relation(there + length, here + length);
      if (nextKind !== kind || nextShift !== shift) break;
      length++;
    }
    return { length, kind, shift };
  };

  const isWhole = (position: number, size: number): boolean => {
    for (let at = position; at < position + size; at++) if (lineNames[at] === GONE) return false;
    return true;
  };

  const scan = (lines: readonly TextLine[], replaces: boolean): Run[] => {
    const base = append(lines);
    const runs: Run[] = [];
    let end = 0;
    let said = 0;
    for (let from = 0; from < lines.length; ) {
      while (end < lines.length && said < LEAST_RUN) said += lines[end++]?.key.length ?? 0;
      if (said < LEAST_RUN) break;
      const size = end - from;
      const here = base + from;
      if (size <= LONGEST_WINDOW) {
        const hash = ((hashes[here + size] ?? 0) - Math.imul(hashes[here] ?? 0, POWERS[size] ?? 0)) | 0;
        const there = windows.get(hash);
        if (there === undefined || !isWhole(there, size)) windows.set(hash, here);
        else if (replaces) {
          const { length, kind, shift } = runAt(there, here, base + lines.length);
          if (length >= size) {
            runs.push({ from, to: from + length, kind, shift });
            lineNames.fill(GONE, here, here + length);
            from += length;
            end = from;
            said = 0;
            continue;
          }
          // The same lines, numbered in a way that no reference can tell: the newer ones may fit what comes.
          windows.set(hash, here);
        }
      }
      said -= lines[from]?.key.length ?? 0;
      from++;
    }
    return runs;
  };

  return {
    findRuns: (lines) => scan(lines, true),
    remember: (lines) => void scan(lines, false),
  };
};
