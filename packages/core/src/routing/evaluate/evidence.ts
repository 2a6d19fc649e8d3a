/** Where a piece of evidence comes from, the weakest first. */
export type EvidenceSource =
  /** How the call ended. */
  | 'transport'
  /** What the reply looks like. */
  | 'reply'
  /** What the user said of it. */
  | 'feedback'
  /** What the host found out: tests passed, a pull request was merged, a person approved. */
  | 'host';

/** One thing that speaks for or against a reply. */
export interface Evidence {
  readonly source: EvidenceSource;
  /** What was looked at: `refusal`, `rating`, `tests`. */
  readonly name: string;
  /** 0 (against) to 1 (for). */
  readonly score: number;
}

/** Whether a call did what it was for. */
export interface SuccessVerdict {
  /** `undefined` where nothing is known; never `true` without evidence. */
  readonly success: boolean | undefined;
  /** 0 to 1; 0.5 where nothing is known. From 0.5 on it is a success. */
  readonly score: number;
  /** All the evidence that the verdict was made from. */
  readonly signals: readonly Evidence[];
}
