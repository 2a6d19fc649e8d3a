/** How long a request is. */
export interface TokenCount {
  readonly tokensIn: number;
  /** Counted by a tokenizer here, not by the vendor. */
  readonly estimated: boolean;
}
