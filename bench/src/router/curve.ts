/** Figures of a cost-quality curve, as RouteLLM's evaluation computes them. */
export interface CurveFigures {
  /** Average performance gap recovered: 0 is always the weak model, 1 always the strong one, 0.5 is chance. */
  readonly apgr: number;
  /** Per cent of the calls that go to the strong model when half of the gap is recovered. */
  readonly cpt50: number;
  /** The same for 80 % of the gap. */
  readonly cpt80: number;
}

/** Prompts in the order of a router's score, lowest first. */
export interface Ranked {
  /** How much a router is for the strong model. */
  readonly scores: Float64Array;
  readonly weak: Float64Array;
  readonly strong: Float64Array;
}

const PARTS = 10;

/**
 * APGR and CPT as in arXiv 2406.18665: the thresholds are the deciles of the scores; a prompt whose score reaches the
 * threshold goes to the strong model; the area under quality over the share of strong calls is taken by trapezoids,
 * between those of the weak and the strong model alone. Equal thresholds count once.
 */
export const curveFigures = ({ scores, weak, strong }: Ranked): CurveFigures => {
  const count = scores.length;
  // How good the answers are when the prompts from a rank on go to the strong model.
  const quality = new Float64Array(count + 1);
  let all = 0;
  for (let at = 0; at < count; at++) all += strong[at] ?? 0;
  quality[0] = all / count;
  for (let at = 0; at < count; at++) {
    quality[at + 1] = (quality[at] ?? 0) + ((weak[at] ?? 0) - (strong[at] ?? 0)) / count;
  }
  const ofStrong = quality[0] ?? 0;
  const ofWeak = quality[count] ?? 0;

  const ranks = new Set<number>([count]);
  for (let part = PARTS - 1; part >= 0; part--)
    ranks.add(firstAtLeast(scores, quantile(scores, part / PARTS)));
  const shares = [...ranks].map((rank) => (100 * (count - rank)) / count);
  const qualities = [...ranks].map((rank) => quality[rank] ?? 0);

  let area = 0;
  for (let at = 1; at < shares.length; at++) {
    const width = ((shares[at] ?? 0) - (shares[at - 1] ?? 0)) / 100;
    area += (width * ((qualities[at] ?? 0) + (qualities[at - 1] ?? 0))) / 2;
  }
  const threshold = (part: number): number =>
    interpolate(ofWeak + part * (ofStrong - ofWeak), qualities, shares);
  return { apgr: (area - ofWeak) / (ofStrong - ofWeak), cpt50: threshold(0.5), cpt80: threshold(0.8) };
};

/** Between two neighbours by distance, as pandas cuts quantiles. */
const quantile = (sorted: Float64Array, share: number): number => {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? 0) - low);
};

const firstAtLeast = (sorted: Float64Array, least: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * NumPy's `interp`, also where the curve is not rising throughout: it looks at the first three pieces in turn and
 * halves the rest, and so decides which of several crossings counts.
 */
const interpolate = (wanted: number, from: readonly number[], to: readonly number[]): number => {
  const last = from.length - 1;
  if (wanted < (from[0] ?? 0)) return to[0] ?? 0;
  if (wanted >= (from[last] ?? 0)) return to[last] ?? 0;
  const piece = pieceOf(wanted, from);
  const [x0 = 0, x1 = 0] = from.slice(piece, piece + 2);
  const [y0 = 0, y1 = 0] = to.slice(piece, piece + 2);
  return x1 === x0 ? y0 : y0 + ((wanted - x0) * (y1 - y0)) / (x1 - x0);
};

const pieceOf = (wanted: number, from: readonly number[]): number => {
  const linear = Math.min(3, from.length - 1);
  for (let piece = 0; piece < linear; piece++) {
    if (wanted < (from[piece + 1] ?? 0)) return piece;
  }
  let low = linear;
  let high = from.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (wanted >= (from[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return Math.min(low - 1, from.length - 2);
};
