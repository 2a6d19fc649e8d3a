import type { Draft } from './draft.js';
import type { InputPrice } from './prompt-cache-cost.js';
import type { BlockNames } from './reference.js';

/** The names of the built-in stages, in the order in which they run. */
export type StageName = 'normalise' | 'trim' | 'code' | 'deduplicate' | 'symbols';

/** What a stage may use. */
export interface StageContext {
  /** The tokens of a text: counted by the tokenizer, or estimated where there is none. */
  readonly count: (text: string) => number;
  /** Whether a text is longer than what would stand in its place: in tokens, or in characters without a tokenizer. */
  readonly isShorter: (after: string, before: string) => boolean;
  /** Names for what references stand for. */
  readonly names: BlockNames;
  /** What input costs with the vendor that will read the prompt, where that is known. */
  readonly price?: InputPrice | undefined;
}

/** One step of compression. It looks only backwards: what it does to a message does not depend on later ones. */
export interface CompressionStage {
  readonly name: string;
  /** Pure: returns another draft. What it throws makes `compress` skip the stage. */
  readonly run: (draft: Draft, context: StageContext) => Draft;
}
