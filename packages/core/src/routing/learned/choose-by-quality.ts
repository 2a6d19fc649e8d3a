/** What to choose by. */
export interface QualityQuestion {
  /** What is expected of each model, such as `models` of a router's prediction. */
  readonly probabilities: readonly {
    readonly model: string;
    /** 0 to 1. */
    readonly probability: number;
    /** Examples behind it, for the reason. */
    readonly examples?: number | undefined;
  }[];
  /** What each model would cost, all in the same unit. A model that is not in it counts as the most expensive. */
  readonly costs: Readonly<Record<string, number>>;
  /** The success that is good enough, 0 to 1. */
  readonly qualityThreshold: number;
  /** Where no model is good enough: how much less than the best one may be expected of a cheaper one. Default 0.01. */
  readonly tolerance?: number | undefined;
}

/** A model in the order of choice. */
export interface QualityCandidate {
  readonly model: string;
  readonly probability: number;
  /** Absent where it is not known. */
  readonly cost?: number | undefined;
  /** Why it stands where it stands: one sentence that a person can read. */
  readonly reason: string;
}

/**
 * The cheapest model that is expected to succeed well enough, and all others behind it: first those that are good
 * enough too, by cost, then the rest, by what is expected of them. Where none is good enough, the cheapest of those
 * that come close to the best goes first.
 *
 * @returns best first; empty when no model was given.
 */
export const chooseByQuality = ({
  probabilities,
  costs,
  qualityThreshold,
  tolerance = 0.01,
}: QualityQuestion): readonly QualityCandidate[] => {
  const best = Math.max(...probabilities.map(({ probability }) => probability));
  const reached = best >= qualityThreshold;
  const enough = reached ? qualityThreshold : best - tolerance;
  const costOf = (model: string): number =>
    Object.hasOwn(costs, model) ? (costs[model] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  type Expected = (typeof probabilities)[number];
  const byCost = (a: Expected, b: Expected): number => compare(costOf(a.model), costOf(b.model));
  const byQuality = (a: Expected, b: Expected): number => compare(b.probability, a.probability);
  const byName = (a: Expected, b: Expected): number => (a.model < b.model ? -1 : 1);

  const fit = probabilities
    .filter(({ probability }) => probability >= enough)
    .toSorted((a, b) => byCost(a, b) || byQuality(a, b) || byName(a, b));
  const rest = probabilities
    .filter(({ probability }) => !(probability >= enough))
    .toSorted((a, b) => byQuality(a, b) || byCost(a, b) || byName(a, b));

  const place = (at: number, isFit: boolean): string => {
    const wanted = `the wanted ${percent(qualityThreshold)}`;
    if (!isFit) return reached ? `below ${wanted}` : `further below ${wanted} than the best`;
    const group = reached ? `that reach ${wanted}` : `that come closest to ${wanted}`;
    return at === 0 ? `the cheapest of those ${group}` : `number ${at + 1} by cost of those ${group}`;
  };
  return [...fit, ...rest].map(({ model, probability, examples }, at) => {
    const cost = costOf(model);
    const behind = examples === undefined ? '' : ` (${examples} ${examples === 1 ? 'example' : 'examples'})`;
    return {
      model,
      probability,
      ...(Number.isFinite(cost) && { cost }),
      reason: `${model}: ${percent(probability)} success expected${behind}, ${place(at, at < fit.length)}`,
    };
  });
};

/** Infinite costs are equal to each other. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
