import { checkOption } from '../shared/check-option.js';
import type { Exploration } from './exploration.js';
import type { HistoryCandidate, HistoryStanding } from './history-candidate.js';
import type { HistoryFigures } from './history-figures.js';
import { rankReason } from './rank-reason.js';

/** A candidate in its place. */
export interface RankedCandidate<Candidate extends HistoryCandidate> {
  readonly candidate: Candidate;
  readonly standing: HistoryStanding;
  readonly figures: HistoryFigures;
  /** It is first to be tried out, not because it is the best choice. */
  readonly explored: boolean;
  /** One sentence that a person can read. */
  readonly reason: string;
}

/** How to choose by history. */
export interface RankOptions {
  /** The success rate that is good enough, 0 to 1. Default: 0.8. */
  readonly threshold?: number | undefined;
  /** From so many calls on, weighted by age, the mean is believed. Default: 20. */
  readonly minCalls?: number | undefined;
  /** Lets some calls try a cheaper model that is not proven. Default: none does. */
  readonly exploration?: Exploration | undefined;
}

const standingOf = (figures: HistoryFigures, threshold: number, minCalls: number): HistoryStanding => {
  const { calls, successRate, lowerBound, upperBound } = figures;
  if (successRate === undefined) return 'unproven';
  if (lowerBound >= threshold) return 'proven';
  if (upperBound < threshold) return 'failing';
  if (calls < minCalls) return 'unproven';
  return successRate >= threshold ? 'proven' : 'failing';
};

interface Judged<Candidate> {
  readonly candidate: Candidate;
  readonly figures: HistoryFigures;
  readonly standing: HistoryStanding;
}

const priceOf = ({ candidate }: Judged<HistoryCandidate>): number =>
  candidate.price ?? Number.POSITIVE_INFINITY;

/** Compares so that two infinite prices are equal. */
const byPrice = (one: Judged<HistoryCandidate>, other: Judged<HistoryCandidate>): number =>
  priceOf(one) === priceOf(other) ? 0 : priceOf(one) - priceOf(other);

/** The one to try out: the least known of those that would be cheaper than the first choice, if there is any. */
const toExplore = <Candidate extends HistoryCandidate>(
  ranked: readonly Judged<Candidate>[],
): Judged<Candidate> | undefined => {
  const [first] = ranked;
  if (first?.standing !== 'proven') return undefined;
  let least: Judged<Candidate> | undefined;
  for (const one of ranked) {
    if (one.standing !== 'unproven' || priceOf(one) >= priceOf(first)) continue;
    if (least === undefined || one.figures.calls < least.figures.calls) least = one;
  }
  return least;
};

/**
 * Orders models by what the history says: first the proven ones, cheapest first; then the unproven ones in the order
 * in which they are given, which is the choice where there is no history; then the failing ones, best first. Pure,
 * but for `exploration`.
 *
 * A model is proven when the lower bound of its success rate reaches the threshold, or its mean does after `minCalls`.
 * The bound alone would shut out good models: a true rate of 85 % needs about 140 calls until the bound is at 80 %,
 * and a model that is not chosen gets no more of them. The mean alone would believe three lucky calls. After 20 calls
 * a mean that is too high corrects itself, because the model is then chosen and its next calls count.
 *
 * @param candidates - In the order that holds without history.
 * @param look - The figures of a candidate.
 * @throws MillraceError `INVALID_CONFIG` for an option that cannot be right.
 */
export const rankByHistory = <Candidate extends HistoryCandidate>(
  candidates: readonly Candidate[],
  look: (candidate: Candidate) => HistoryFigures,
  options: RankOptions = {},
): RankedCandidate<Candidate>[] => {
  const threshold = checkOption('threshold', options.threshold ?? 0.8, { least: 0, most: 1 });
  const minCalls = checkOption('minCalls', options.minCalls ?? 20, { above: 0 });
  const groups: Record<HistoryStanding, Judged<Candidate>[]> = { proven: [], unproven: [], failing: [] };
  for (const candidate of candidates) {
    const figures = look(candidate);
    const standing = standingOf(figures, threshold, minCalls);
    groups[standing].push({ candidate, figures, standing });
  }
  groups.proven.sort((a, b) => byPrice(a, b) || b.figures.lowerBound - a.figures.lowerBound);
  groups.failing.sort((a, b) => (b.figures.successRate ?? 0) - (a.figures.successRate ?? 0) || byPrice(a, b));
  const ranked = [...groups.proven, ...groups.unproven, ...groups.failing];

  const candidateToTry = options.exploration === undefined ? undefined : toExplore(ranked);
  const tried =
    candidateToTry !== undefined && options.exploration?.take() === true ? candidateToTry : undefined;
  const places = new Map<Judged<Candidate>, number>();
  for (const group of Object.values(groups))
    for (const [place, one] of group.entries()) places.set(one, place);
  const ordered = tried === undefined ? ranked : [tried, ...ranked.filter((one) => one !== tried)];
  return ordered.map((one) => {
    const explored = one === tried;
    const reason = rankReason({ ...one, threshold, explored, place: places.get(one) ?? 0 });
    return { ...one, explored, reason };
  });
};
