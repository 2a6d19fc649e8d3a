import { MillraceError } from '../model/errors/millrace-error.js';
import type { CompressionStage, StageContext } from './compression-stage.js';
import { type Draft, type DraftMessage, type Slot, slotText } from './draft.js';
import { leaveOut, PLACEHOLDER_TOKENS } from './left-out-turns.js';
import { measureMessage } from './measure-message.js';
import { isCheaperCached, worthBreakingPrefix } from './prompt-cache-cost.js';
import { blockNames } from './reference.js';
import { type SummaryShape, summarise, withoutCode } from './structural-summary.js';
import { turnsOf } from './turns.js';
import { writeMessage } from './write-draft.js';

/** How `trim` shortens a long conversation. A turn is what the model said, and all that follows until it speaks again. */
export interface TrimOptions {
  /** Conversations up to this length stay whole, in tokens. @default 50_000 */
  readonly overTokens?: number | undefined;
  /** How much a cut must save, in tokens, so that cuts are rare and the prefix stays. @default a quarter of `overTokens` */
  readonly stepTokens?: number | undefined;
  /** The newest turns that stay whole. @default 4 */
  readonly wholeTurns?: number | undefined;
  /** Older turns are left out; those between are shortened. @default 8 */
  readonly keptTurns?: number | undefined;
  /** Lines that stay at the beginning and the end of an older text. @default 4 */
  readonly edgeLines?: number | undefined;
  /** Lines that stay between: errors, declarations, headings, the heads of diffs. @default 12 */
  readonly landmarks?: number | undefined;
  /** Older texts up to this length stay whole, in characters. @default 800 */
  readonly wholeBelow?: number | undefined;
}

/** Blocks of code with fewer lines stay, in what the model said itself. */
const LEAST_CODE_LINES = 4;

/**
 * Shortens a conversation that is too long: the newest turns stay whole, the texts of older ones keep their structure
 * (first and last lines, landmarks; code becomes `[code block: N lines of F]`), and still older turns are left out, calls
 * and results together. The system instructions, the newest user message, what stands between kept tags, tool calls of
 * turns that stay, and what a vendor signed are not shortened. With a price for cached input, `compress` has it cut only
 * where that costs less than it saves.
 *
 * @throws `INVALID_CONFIG` for an option that is negative or no number.
 */
export const trim = (options: TrimOptions = {}): CompressionStage => {
  const overTokens = options.overTokens ?? 50_000;
  const stepTokens = options.stepTokens ?? overTokens / 4;
  const wholeTurns = options.wholeTurns ?? 4;
  const keptTurns = Math.max(wholeTurns, options.keptTurns ?? 8);
  const shape: SummaryShape = {
    edgeLines: options.edgeLines ?? 4,
    landmarks: options.landmarks ?? 12,
    wholeBelow: options.wholeBelow ?? 800,
  };
  const numbers = { overTokens, stepTokens, wholeTurns, keptTurns, ...shape };
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value >= 0))
      throw new MillraceError('INVALID_CONFIG', `\`${name}\` of trim must be a number of at least 0.`);
  }
  return {
    name: 'trim',
    run: (draft: Draft, context: StageContext): Draft => {
      const sizes = draft.map((entry) => measureMessage(writeMessage(entry), context.count));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      if (total <= overTokens) return draft;
      const shortened = draft.map((entry) => shorten(entry, shape, context));
      const turns = turnsOf(draft);
      const cut = cutAfter({
        draft,
        shortened,
        turns,
        sizes,
        overTokens,
        stepTokens,
        wholeTurns,
        keptTurns,
        context,
      });
      if (cut === 0) return draft;
      const result = draft.map((entry, index) =>
        (turns.of[index] ?? 0) <= cut - wholeTurns ? (shortened[index] ?? entry) : entry,
      );
      return leaveOut(
        result,
        draft,
        (index) => turns.droppable[index] === true && (turns.of[index] ?? 0) <= cut - keptTurns,
        // What texts of later messages are called must not matter to it.
        { ...context, names: blockNames() },
      );
    },
  };
};

const shorten = (
  entry: DraftMessage,
  shape: SummaryShape,
  { names, isShorter }: StageContext,
): DraftMessage => {
  const slots = entry.slots.map((slot): Slot => {
    if (slot.access === 'shut') return slot;
    const plain = slot.access === 'own' ? withoutCode(slot, LEAST_CODE_LINES, names) : slot;
    const short = summarise(plain, shape, names);
    return short !== slot && isShorter(slotText(short), slotText(slot)) ? short : slot;
  });
  return slots.every((slot, index) => slot === entry.slots[index]) ? entry : { ...entry, slots };
};

/** What the messages of a turn measure: whole, shortened, and those of the latter that can be left out. */
interface TurnSize {
  whole: number;
  short: number;
  leavable: number;
  /** What may stand in place of the latter. Neighbouring ones, also of other turns, share one message. */
  instead: number;
}

const NOTHING: TurnSize = { whole: 0, short: 0, leavable: 0, instead: 0 };

interface Cutting {
  readonly draft: Draft;
  readonly shortened: Draft;
  readonly turns: ReturnType<typeof turnsOf>;
  readonly sizes: readonly number[];
  readonly overTokens: number;
  readonly stepTokens: number;
  readonly wholeTurns: number;
  readonly keptTurns: number;
  readonly context: StageContext;
}

/**
 * The turn after which the last cut was made, found by going through the conversation as it grew: so every longer
 * conversation has the same cuts. A cut is made where the conversation is too long, it saves a whole step, and that is
 * more than what it costs to have the vendor read the prompt anew.
 */
const cutAfter = ({
  draft,
  shortened,
  turns,
  sizes,
  overTokens,
  stepTokens,
  wholeTurns,
  keptTurns,
  context,
}: Cutting): number => {
  const shortSizes = draft.map((entry, index) => {
    const short = shortened[index] ?? entry;
    return short === entry ? (sizes[index] ?? 0) : measureMessage(writeMessage(short), context.count);
  });
  const byTurn: TurnSize[] = [];
  const sizeOf = (turn: number, cut: number): number => {
    const { whole, short, leavable, instead } = byTurn[turn] ?? NOTHING;
    if (turn <= cut - keptTurns) return short - leavable + Math.min(leavable, instead);
    return turn <= cut - wholeTurns ? short : whole;
  };
  const totalFrom = (first: number, cut: number): number => {
    let sum = 0;
    for (let turn = first; turn < byTurn.length; turn++) sum += sizeOf(turn, cut);
    return sum;
  };
  /** The prompt up to the turn was sent before, so the vendor has it in its cache: from the first change on it is lost. */
  const isWorth = (first: number, cut: number, turn: number, tokensSaved: number): boolean => {
    const { price } = context;
    if (!isCheaperCached(price)) return true;
    let changed = first;
    while (changed < turn && sizeOf(changed, cut) === sizeOf(changed, turn)) changed++;
    const prefixTokens = totalFrom(changed, cut) - sizeOf(turn, cut);
    return worthBreakingPrefix({ price, prefixTokens, tokensSaved }).worth;
  };
  let cut = 0;
  let total = 0;
  for (const [index, turn] of turns.of.entries()) {
    const size = sizes[index] ?? 0;
    const short = shortSizes[index] ?? 0;
    const sum = byTurn[turn] ?? { ...NOTHING };
    byTurn[turn] = sum;
    sum.whole += size;
    sum.short += short;
    if (turns.droppable[index] === true) {
      sum.leavable += short;
      if (turns.droppable[index - 1] !== true) sum.instead += PLACEHOLDER_TOKENS;
    }
    total += size;
    if (total <= overTokens || turn === cut) continue;
    // Turns that were left out already change no more.
    const first = Math.max(0, cut - keptTurns + 1);
    const saved = totalFrom(first, cut) - totalFrom(first, turn);
    if (saved < stepTokens || !isWorth(first, cut, turn, saved)) continue;
    cut = turn;
    total -= saved;
  }
  return cut;
};
