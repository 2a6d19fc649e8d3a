import type { Message } from '../model/message.js';

/** What a reference stands for. */
export type ReferenceKind = 'block' | 'repeat' | 'code' | 'text' | 'symbol' | 'define';

/** A stretch of text that later stages leave alone: a reference, or something that is kept as it is. */
export interface Mark {
  /** `kept` must stay as it is; `found` came in from outside and looks like a reference. */
  readonly kind: ReferenceKind | 'kept' | 'found';
  readonly id: string;
  /** What the prompt says. */
  readonly text: string;
  /** What it said before. */
  readonly original: string;
}

/** A stretch of a text: a string is open to the stages. */
export type Piece = string | Mark;

/**
 * Who may rewrite a text: `open` every stage, `own` (what the model itself said) those that tidy or trim, `trim` (an older
 * user message that a vendor has in its cache) only the one that trims, `shut` none.
 * A text that has references in it, or what looks like one, is shut: it was compressed before. Later repetitions may
 * refer to all of them.
 */
export type Access = 'open' | 'own' | 'trim' | 'shut';

/** One text of a message. */
export interface Slot {
  /** Where in the message it stands. */
  readonly path: readonly (string | number)[];
  readonly access: Access;
  readonly pieces: readonly Piece[];
  /** Something between kept tags is in it. */
  readonly hasKept?: true | undefined;
}

/** A message on its way through the stages. */
export interface DraftMessage {
  /** As it came, but for its texts, which are in `slots`. */
  readonly message: Message;
  readonly slots: readonly Slot[];
  /** The message stands for these, which are left out. */
  readonly leftOut?: { readonly id: string; readonly messages: readonly DraftMessage[] } | undefined;
}

/** A conversation on its way through the stages. No stage changes one: it returns another. */
export type Draft = readonly DraftMessage[];

/** What the prompt says at a piece. */
export const pieceText = (piece: Piece): string => (typeof piece === 'string' ? piece : piece.text);

/** What the prompt says in a slot. */
export const slotText = ({ pieces }: Slot): string => {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return pieceText(first);
  let text = '';
  for (const piece of pieces) text += pieceText(piece);
  return text;
};

/** Rewrites the slots of a draft; a slot, or a message, that stays the same stays the same object. */
export const mapSlots = (draft: Draft, change: (slot: Slot, message: DraftMessage) => Slot): Draft =>
  draft.map((message) => {
    let changed = false;
    const slots = message.slots.map((slot) => {
      const next = change(slot, message);
      changed ||= next !== slot;
      return next;
    });
    return changed ? { ...message, slots } : message;
  });

/** Rewrites the open stretches of a slot. */
export const mapOpenText = (slot: Slot, change: (text: string, isLast: boolean) => string): Slot => {
  let changed = false;
  const last = slot.pieces.length - 1;
  const pieces = slot.pieces.map((piece, index) => {
    if (typeof piece !== 'string') return piece;
    const next = change(piece, index === last);
    changed ||= next !== piece;
    return next;
  });
  return changed ? { ...slot, pieces } : slot;
};

/** Neighbouring stretches of open text become one. */
export const joinPieces = (pieces: readonly Piece[]): Piece[] => {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const before = result.at(-1);
    if (typeof piece === 'string' && typeof before === 'string') result[result.length - 1] = before + piece;
    else if (piece !== '') result.push(piece);
  }
  return result;
};
