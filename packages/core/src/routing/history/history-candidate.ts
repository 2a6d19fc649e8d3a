/** A model that may answer a call. */
export interface HistoryCandidate {
  readonly provider: string;
  readonly model: string;
  /** What to compare prices by, in any unit that is the same for all; leave it out where the price is not known. */
  readonly price?: number | undefined;
  /** For the reason: `economy`. */
  readonly tier?: string | undefined;
}

/**
 * What the history says of a model. `proven`: it is good enough. `failing`: it is not. `unproven`: there is too little
 * to tell.
 */
export type HistoryStanding = 'proven' | 'unproven' | 'failing';
