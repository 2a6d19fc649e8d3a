import type { Message } from '../model/message.js';
import { estimateTextTokens } from '../tokens/estimate-tokens.js';
import type { Tokenizer } from '../tokens/tokenizer.js';
import type { CompressionStage, StageContext, StageName } from './compression-stage.js';
import type { Draft, DraftMessage } from './draft.js';
import type { Expansion } from './expansion.js';
import { measureMessage } from './measure-message.js';
import { type CompressionPreset, presetStages, stageByName } from './presets.js';
import { type InputPrice, isCheaperCached, worthBreakingPrefix } from './prompt-cache-cost.js';
import { KEPT_TAGS, readDraft } from './read-draft.js';
import { blockNames } from './reference.js';
import { writeDraft, writeMessage } from './write-draft.js';

/** What to do with a prompt. */
export interface CompressOptions {
  /** @default 'standard' */
  readonly preset?: CompressionPreset | undefined;
  /** The stages to run, in this order, in place of a preset: built-in ones by name or as made, and a host's own. */
  readonly stages?: readonly (StageName | CompressionStage)[] | undefined;
  /**
   * Counts tokens: of the model that will read the prompt (`loadTokenizer`). Without one nothing is counted, lengths are
   * compared in characters, and `trim` goes by an estimate.
   */
  readonly tokenizer?: Tokenizer | undefined;
  /** Tags whose content stays as it is, in every message. @default ['context', 'file'] */
  readonly keep?: readonly string[] | undefined;
  /**
   * What input costs with the vendor that will read the prompt, the same from turn to turn. Where it has a price for cached
   * input, what the vendor has in its cache is changed only where that costs less than it saves: `trim` waits for its cuts,
   * and older user messages are left to it.
   */
  readonly price?: InputPrice | undefined;
}

/** What one stage did. */
export interface StageSaving {
  /** The stage's name. */
  readonly stage: string;
  /** The tokens of all messages. `undefined` without a tokenizer. */
  readonly tokensBefore: number | undefined;
  readonly tokensAfter: number | undefined;
  /** The characters of all messages, in UTF-16 units. */
  readonly charsBefore: number;
  readonly charsAfter: number;
  /** Whether the stage changed something. */
  readonly applied: boolean;
  /** Why not: it found nothing, it would have made the prompt longer, or it threw (the prompt went on without it). */
  readonly skipped?: 'nothing' | 'longer' | 'failed' | undefined;
  /** What it threw. */
  readonly error?: unknown;
}

/** A compressed prompt. */
export interface Compression {
  readonly messages: readonly Message[];
  /** One entry for each stage, in order. */
  readonly savings: readonly StageSaving[];
  /** What `expand` needs to give the original back. */
  readonly expansions: readonly Expansion[];
}

/**
 * Makes a prompt shorter without changing what it says. Pure; what it does to a message does not depend on later ones, so
 * the prefix of a growing conversation stays the same and vendors' prompt caches keep working (a cut of `trim` breaks it,
 * rarely). System instructions, the newest user message, kept tags, tool calls and signed parts stay byte-identical. A
 * stage that throws, or that would make the prompt longer, is passed by; all are where the tokenizer throws.
 *
 * @throws `INVALID_CONFIG` for a preset or a stage that does not exist.
 */
export const compress = (messages: readonly Message[], options: CompressOptions = {}): Compression => {
  const { preset = 'standard', tokenizer, keep = KEPT_TAGS, price } = options;
  const stages =
    options.stages?.map((stage) => (typeof stage === 'string' ? stageByName(stage) : stage)) ??
    presetStages(preset);
  if (stages.length === 0) return { messages, savings: [], expansions: [] };
  const count = tokenizer && remembering((text) => tokenizer.count(text));
  let draft = readDraft(messages, keep, seldomPays(price) ? 'trim' : 'open');
  const measure = measurer(count);
  let before: Measures;
  try {
    before = measure(draft);
  } catch (error) {
    return { messages, savings: failedSavings(stages, measurer(undefined)(draft), error), expansions: [] };
  }
  const savings: StageSaving[] = [];
  for (const stage of stages) {
    let next: Draft | undefined;
    let error: unknown;
    let after = before;
    try {
      const changed = stage.run(draft, stageContext(count, price));
      after = measure(changed);
      next = changed;
    } catch (thrown) {
      error = thrown;
    }
    const skipped = reasonToSkip(draft, next, before, after);
    const kept = skipped === undefined ? after : before;
    savings.push({
      stage: stage.name,
      tokensBefore: before.tokens,
      tokensAfter: kept.tokens,
      charsBefore: before.chars,
      charsAfter: kept.chars,
      applied: skipped === undefined,
      skipped,
      ...(skipped === 'failed' && { error }),
    });
    if (skipped === undefined && next !== undefined) draft = next;
    before = kept;
  }
  return { ...writeDraft(draft), savings };
};

/** More than a quarter of a user message can rarely be saved without trimming it. */
const seldomPays = (price: InputPrice | undefined): boolean =>
  isCheaperCached(price) && !worthBreakingPrefix({ price, prefixTokens: 100, tokensSaved: 25 }).worth;

/** Where nothing can be counted, no stage can run. */
const failedSavings = (
  stages: readonly CompressionStage[],
  { chars }: Measures,
  error: unknown,
): StageSaving[] =>
  stages.map(({ name }) => ({
    stage: name,
    tokensBefore: undefined,
    tokensAfter: undefined,
    charsBefore: chars,
    charsAfter: chars,
    applied: false,
    skipped: 'failed',
    error,
  }));

interface Measures {
  readonly tokens: number | undefined;
  readonly chars: number;
}

const reasonToSkip = (
  draft: Draft,
  next: Draft | undefined,
  before: Measures,
  after: Measures,
): StageSaving['skipped'] => {
  if (next === undefined) return 'failed';
  if (next.length === draft.length && next.every((entry, index) => entry === draft[index])) return 'nothing';
  const isLonger =
    before.tokens === undefined || after.tokens === undefined
      ? after.chars > before.chars
      : after.tokens > before.tokens;
  return isLonger ? 'longer' : undefined;
};

/** Counting is slow, and stages look at the same texts. */
const remembering = (count: (text: string) => number): ((text: string) => number) => {
  const known = new Map<string, number>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const counted = count(text);
    known.set(text, counted);
    return counted;
  };
};

/** Names are of one stage only: no name of an early message may depend on what another stage found in a later one. */
const stageContext = (
  count: ((text: string) => number) | undefined,
  price: InputPrice | undefined,
): StageContext => ({
  count: count ?? estimateTextTokens,
  isShorter:
    count === undefined
      ? (after, before) => after.length < before.length
      : (after, before) => count(after) < count(before),
  names: blockNames(),
  price,
});

/** A message that stays the same object is measured once. */
const measurer = (count: ((text: string) => number) | undefined): ((draft: Draft) => Measures) => {
  const known = new WeakMap<DraftMessage, { tokens: number; chars: number }>();
  const measureEntry = (entry: DraftMessage): { tokens: number; chars: number } => {
    const before = known.get(entry);
    if (before !== undefined) return before;
    const message = writeMessage(entry);
    const chars = measureMessage(message, ({ length }) => length);
    const measured = {
      tokens: count === undefined ? 0 : measureMessage(message, count),
      chars,
    };
    known.set(entry, measured);
    return measured;
  };
  return (draft) => {
    let tokens = 0;
    let chars = 0;
    for (const entry of draft) {
      const measured = measureEntry(entry);
      tokens += measured.tokens;
      chars += measured.chars;
    }
    return { tokens: count === undefined ? undefined : tokens, chars };
  };
};
