const SHINGLE = 3;
/** Prompts that share this part of their runs of three words are near-duplicates. */
const ALIKE = 0.5;
const BANDS = 24;
const ROWS = 3;

/**
 * A group for each text: near-duplicates, and near-duplicates of those, are in the same group. Case, digits and signs
 * do not count. Candidates come from MinHash bands, which find 96 % of the pairs that are just alike enough.
 */
export const groupNearDuplicates = (texts: readonly string[]): number[] => {
  const shingles = texts.map(shinglesOf);
  const parents = texts.map((_, at) => at);
  const root = (at: number): number => {
    let top = at;
    while (parents[top] !== top) top = parents[top] ?? top;
    parents[at] = top;
    return top;
  };
  const buckets = new Map<string, number>();
  for (const [at, own] of shingles.entries()) {
    for (const bucket of bandsOf(own)) {
      const other = buckets.get(bucket);
      if (other === undefined) buckets.set(bucket, at);
      else if (root(other) !== root(at) && similarity(own, shingles[other] ?? own) >= ALIKE) {
        parents[root(at)] = root(other);
      }
    }
  }
  return texts.map((_, at) => root(at));
};

const shinglesOf = (text: string): ReadonlySet<number> => {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const shingles = new Set<number>();
  for (let at = 0; at + SHINGLE <= Math.max(words.length, SHINGLE); at++) {
    shingles.add(hash(words.slice(at, at + SHINGLE).join(' ')));
  }
  return shingles;
};

const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
};

function* bandsOf(shingles: ReadonlySet<number>): Generator<string> {
  for (let band = 0; band < BANDS; band++) {
    const smallest: number[] = [];
    for (let row = 0; row < ROWS; row++) {
      const salt = Math.imul(band * ROWS + row + 1, 0x9e3779b1);
      let least = 0xffffffff;
      for (const shingle of shingles) {
        const mixed = Math.imul(shingle ^ salt ^ ((shingle ^ salt) >>> 15), 0x85ebca6b);
        least = Math.min(least, (mixed ^ (mixed >>> 13)) >>> 0);
      }
      smallest.push(least);
    }
    yield `${band}:${smallest.join(':')}`;
  }
}

const similarity = (a: ReadonlySet<number>, b: ReadonlySet<number>): number => {
  const common = a.intersection(b).size;
  return common / (a.size + b.size - common);
};
