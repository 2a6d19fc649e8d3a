/** A piece of text, told apart into what was thought and what is said. */
export interface TaggedPiece {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

/** Tells reasoning apart that a model writes into its text, between `<think>` and `</think>`. */
export interface ReasoningTagReader {
  /** Take the next piece of text. What could still be part of a tag is held back. */
  add(text: string): readonly TaggedPiece[];
  /** What was held back. */
  end(): readonly TaggedPiece[];
}

/**
 * Read a stream of text whose reasoning, if any, stands between tags at its very beginning. Anywhere else the tag is
 * ordinary text.
 *
 * @param tag - The tag's name, such as `think`.
 */
export const createReasoningTagReader = (tag: string): ReasoningTagReader => {
  const open = `<${tag}>`;
  const close = `</${tag}>`;
  let state: 'before' | 'inside' | 'after-tag' | 'text' = 'before';
  let held = '';

  const step = (last: boolean): TaggedPiece[] => {
    const pieces: TaggedPiece[] = [];
    const emit = (type: TaggedPiece['type'], text: string): void => {
      if (text !== '') pieces.push({ type, text });
    };
    if (state === 'before') {
      const trimmed = held.trimStart();
      if (!last && open.startsWith(trimmed)) return pieces;
      if (trimmed.startsWith(open)) {
        state = 'inside';
        held = trimmed.slice(open.length);
      } else state = 'text';
    }
    if (state === 'inside') {
      const at = held.indexOf(close);
      const end = at >= 0 ? at : last ? held.length : held.length - overlap(held, close);
      emit('reasoning', held.slice(0, end));
      held = held.slice(at >= 0 ? at + close.length : end);
      if (at < 0) return pieces;
      state = 'after-tag';
    }
    if (state === 'after-tag') {
      // The blank lines between the tag and the answer belong to neither.
      held = held.trimStart();
      if (held === '') return pieces;
      state = 'text';
    }
    emit('text', held);
    held = '';
    return pieces;
  };

  return {
    add(text) {
      if (state === 'text') return [{ type: 'text', text }];
      held += text;
      return step(false);
    },
    end: () => step(true),
  };
};

/** How many characters at the end of a text are the beginning of a tag. */
const overlap = (text: string, tag: string): number => {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
};
