import type { HistoryCandidate, HistoryStanding } from './history-candidate.js';
import type { HistoryFigures } from './history-figures.js';

/** What a reason is made of. */
export interface RankReason {
  readonly candidate: HistoryCandidate;
  readonly figures: HistoryFigures;
  readonly standing: HistoryStanding;
  readonly explored: boolean;
  readonly threshold: number;
  /** Its place among those of the same standing; 0 for the first. */
  readonly place: number;
}

/** Rounded down, so that what is short of the threshold never reads as if it reached it. */
const percent = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;

const record = ({ calls, successRate }: HistoryFigures): string => {
  if (successRate === undefined) return 'no history';
  const count = calls < 10 ? Number(calls.toFixed(1)) : Math.round(calls);
  return `${percent(successRate)} success over ${count} ${count === 1 ? 'call' : 'calls'}`;
};

/** "openai:gpt-4o-mini: cheapest economy, 92 % success over 140 calls". */
export const rankReason = ({
  candidate,
  figures,
  standing,
  explored,
  threshold,
  place,
}: RankReason): string => {
  const { provider, model, tier, price } = candidate;
  const name = `${provider}:${model}`;
  const kind = tier ?? 'model';
  const known = record(figures);
  if (explored) return `${name}: tried out, cheaper than the first choice, ${known}`;
  if (standing === 'failing') return `${name}: below ${percent(threshold)}, ${known}`;
  if (standing === 'unproven') return `${name}: not proven yet, ${known}`;
  if (price === undefined) return `${name}: good enough, price unknown, ${known}`;
  return `${name}: ${place === 0 ? `cheapest ${kind}` : `number ${place + 1} by price, ${kind}`}, ${known}`;
};
