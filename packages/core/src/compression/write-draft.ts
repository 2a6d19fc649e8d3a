import type { Message } from '../model/message.js';
import { type Draft, type DraftMessage, pieceText, type Slot, slotText } from './draft.js';
import type { Expansion } from './expansion.js';
import { replaceAt } from './text-path.js';

/** Turns a draft back into messages, with what undoes its references. */
export const writeDraft = (draft: Draft): { messages: Message[]; expansions: Expansion[] } => {
  const expansions: Expansion[] = [];
  const messages = draft.map((entry, index) => {
    if (entry.leftOut !== undefined) {
      const { id, messages: leftOut } = entry.leftOut;
      // They were taken out before anything in them became a reference.
      expansions.push({ kind: 'turns', id, message: index, messages: leftOut.map(writeMessage) });
    }
    for (const slot of entry.slots) addExpansions(slot, index, expansions);
    return writeMessage(entry);
  });
  return { messages, expansions };
};

/** The message with the texts of its slots. The same object where nothing changed. */
export const writeMessage = ({ message, slots }: DraftMessage): Message =>
  slots.reduce(
    (written, slot) => (slot.access === 'shut' ? written : replaceAt(written, slot.path, slotText(slot))),
    message,
  );

const addExpansions = (slot: Slot, message: number, expansions: Expansion[]): void => {
  let start = 0;
  for (const piece of slot.pieces) {
    const { length } = pieceText(piece);
    if (typeof piece !== 'string' && piece.kind !== 'kept' && piece.kind !== 'found') {
      expansions.push({
        kind: piece.kind,
        id: piece.id,
        message,
        path: slot.path,
        start,
        length,
        text: piece.original,
      });
    }
    start += length;
  }
};
