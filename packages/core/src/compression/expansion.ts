import type { Message } from '../model/message.js';
import type { ReferenceKind } from './draft.js';

/** A reference in a text, and what stood there. */
export interface TextExpansion {
  readonly kind: ReferenceKind;
  /** The name in the reference. The same for the same text; several references may have it. */
  readonly id: string;
  /** The index of the message among the compressed ones. */
  readonly message: number;
  /** Where in the message the text is: `['content', 0, 'text']`, say. */
  readonly path: readonly (string | number)[];
  /** Where in the text the reference begins, in UTF-16 units. */
  readonly start: number;
  /** The length of the reference, in UTF-16 units. */
  readonly length: number;
  /** What stood there. */
  readonly text: string;
}

/** A message that stands for others, which were left out. */
export interface TurnsExpansion {
  readonly kind: 'turns';
  readonly id: string;
  /** The index of the message among the compressed ones. */
  readonly message: number;
  /** What stood there. */
  readonly messages: readonly Message[];
}

/** What turns a reference back into what it stands for. Plain data: it survives JSON if the messages do. */
export type Expansion = TextExpansion | TurnsExpansion;
