import type { CompressionStage, StageContext } from './compression-stage.js';
import { type Draft, type Mark, mapSlots, type Piece, type Slot, slotText } from './draft.js';
import { isWord, repeatedPhrases } from './repeated-phrases.js';

/** A sign that stands for a phrase. */
interface PhraseSign {
  readonly sign: string;
  readonly phrase: string;
}

/** More symbols than this confuse more than they save. */
const MOST_SYMBOLS = 64;
/** What a symbol must save in the text that defines it, in tokens. */
const LEAST_GAIN = 16;

/**
 * Writes phrases of at least 20 characters that stand three times or more in one text as symbols (`§1`), defined by a
 * line before the text (`[sym:§1=the phrase]`), and uses the symbol in all later texts, until one of them has the sign
 * itself. Only where that saves tokens; not in a text that has such signs itself. Only tool results and older user messages are rewritten.
 */
export const symbols = (): CompressionStage => ({
  name: 'symbols',
  run: (draft: Draft, context: StageContext): Draft => {
    let known: readonly PhraseSign[] = [];
    let definitions = 0;
    /** Signs that are in use, by us or by some text. */
    const taken = new Set<string>();
    return mapSlots(draft, (slot, { message }) => {
      const before = slotText(slot);
      const foreign = new Set(before.match(SIGNS));
      if (foreign.size > 0) {
        for (const sign of foreign) taken.add(sign);
        definitions += before.match(DEFINITIONS)?.length ?? 0;
        // Somebody else gives the sign a meaning, perhaps another one. The model may use ours.
        if (message.role !== 'assistant') known = known.filter(({ sign }) => !foreign.has(sign));
      }
      if (slot.access !== 'open') return slot;
      let pieces = known.reduce((rest, symbol) => substitute(rest, symbol), slot.pieces);
      const defined: PhraseSign[] = [];
      let sign = freeSign(taken);
      for (const phrase of repeatedPhrases(pieces.filter((piece) => typeof piece === 'string'))) {
        if (definitions + defined.length >= MOST_SYMBOLS) break;
        const symbol = { sign, phrase };
        const next = substitute(pieces, symbol);
        const uses = next.filter((piece) => typeof piece !== 'string' && piece.id === sign).length;
        if (uses < 3) continue;
        const gain = uses * (context.count(phrase) - context.count(sign)) - context.count(definition(symbol));
        if (gain < LEAST_GAIN) continue;
        pieces = next;
        defined.push(symbol);
        taken.add(sign);
        sign = freeSign(taken);
      }
      if (pieces === slot.pieces) return slot;
      const shorter: Slot = { ...slot, pieces: [...defined.map(define), ...pieces] };
      if (!context.isShorter(slotText(shorter), before)) return slot;
      definitions += defined.length;
      known = [...known, ...defined].sort((a, b) => b.phrase.length - a.phrase.length);
      return shorter;
    });
  },
});

const SIGNS = /§\d+/g;
const DEFINITIONS = /^\[sym:§\d+=/gm;

const freeSign = (taken: ReadonlySet<string>): string => {
  let number = 1;
  while (taken.has(`§${number}`)) number++;
  return `§${number}`;
};

const definition = ({ sign, phrase }: PhraseSign): string => `[sym:${sign}=${phrase}]\n`;

const define = (symbol: PhraseSign): Mark => ({
  kind: 'define',
  id: symbol.sign,
  text: definition(symbol),
  original: '',
});

/** Replaces a phrase where it stands as whole words and no digit follows that would become part of the sign. */
const substitute = (pieces: readonly Piece[], { sign, phrase }: PhraseSign): readonly Piece[] => {
  let changed = false;
  const next = pieces.flatMap((piece) => {
    if (typeof piece !== 'string' || !piece.includes(phrase)) return [piece];
    const parts: Piece[] = [];
    let from = 0;
    for (let at = piece.indexOf(phrase); at >= 0; at = piece.indexOf(phrase, at + 1)) {
      if (at < from || !standsAlone(piece, at, phrase)) continue;
      if (at > from) parts.push(piece.slice(from, at));
      parts.push({ kind: 'symbol', id: sign, text: sign, original: phrase });
      from = at + phrase.length;
    }
    if (from === 0) return [piece];
    changed = true;
    if (from < piece.length) parts.push(piece.slice(from));
    return parts;
  });
  return changed ? next : pieces;
};

const standsAlone = (text: string, at: number, phrase: string): boolean => {
  const end = at + phrase.length;
  const after = text.charCodeAt(end);
  if (after >= 48 && after <= 57) return false;
  if (at > 0 && isWord(text.charCodeAt(at - 1)) && isWord(text.charCodeAt(at))) return false;
  return !(isWord(after) && isWord(text.charCodeAt(end - 1)));
};
