/** Counts the tokens of texts. */
export interface Tokenizer {
  /** The encoding, such as `o200k_base`. */
  readonly name: string;
  /** The model that it was asked for has an encoding of its own that nobody publishes; the counts are near it. */
  readonly approximate: boolean;
  count(text: string): number;
}
