import type { JsonValue } from '../model/json.js';
import type { AssistantMessage, Message, ToolResultPart } from '../model/message.js';
import type { Access, Draft, DraftMessage, Piece, Slot } from './draft.js';
import { type FindRegions, keptRegions, type Region } from './kept-regions.js';
import { standsForTurns } from './placeholder.js';
import { splitAtReferences } from './reference.js';

/** Shorter texts inside of structures are not worth a look. */
const LEAST_LEAF = 40;

/** Tags whose content is kept as it is. */
export const KEPT_TAGS: readonly string[] = ['context', 'file'];

/**
 * Turns a conversation into a draft: finds its texts, and what in them must stay.
 *
 * @param older - Who may rewrite older user messages.
 */
export const readDraft = (
  messages: readonly Message[],
  keep: readonly string[] = KEPT_TAGS,
  older: Access = 'open',
): Draft => {
  const access = userAccess(messages, older);
  const regions = keptRegions(keep);
  return messages.map((message, index) => {
    const slots: Slot[] = [];
    const add = (path: readonly (string | number)[], text: string, who: Access): void => {
      if (text !== '') slots.push(readSlot(path, text, who, regions));
    };
    readMessage(message, access[index] ?? 'shut', add);
    return { message, slots } satisfies DraftMessage;
  });
};

const readSlot = (
  path: readonly (string | number)[],
  text: string,
  access: Access,
  findRegions: FindRegions,
): Slot => {
  const regions = findRegions(text);
  const hasKept = regions.length > 0 && ({ hasKept: true } as const);

  if (access === 'shut') return { path, access, pieces: [fixed('kept', text)], ...hasKept };
  const pieces = split(text, regions);
  return { path, access: isFound(pieces) ? 'shut' : access, pieces, ...hasKept };
};

const isFound = (pieces: readonly Piece[]): boolean =>
  pieces.some((piece) => typeof piece !== 'string' && piece.kind === 'found');

const fixed = (kind: 'kept' | 'found', text: string): Piece => ({ kind, id: '', text, original: text });

type Add = (path: readonly (string | number)[], text: string, access: Access) => void;

const readMessage = (message: Message, user: Access, add: Add): void => {
  switch (message.role) {
    case 'system':
      add(['content'], message.content, 'shut');
      return;
    case 'user':
      message.content.forEach((part, index) => {
        if (part.type === 'text') add(['content', index, 'text'], part.text, user);
      });
      return;
    case 'assistant':
      readAssistant(message, add);
      return;
    case 'tool':
      message.content.forEach((part, index) => {
        readResult(part, index, add);
      });
  }
};

/** What a vendor signed, or knows by an id, is sent back as it came. */
const readAssistant = (message: AssistantMessage, add: Add): void => {
  const signed = message.content.some((part) => part.type === 'reasoning');
  message.content.forEach((part, index) => {
    if (part.type === 'text') {
      const own = !signed && part.providerMetadata === undefined && part.refusal === undefined;
      add(['content', index, 'text'], part.text, own ? 'own' : 'shut');
    } else if (part.type === 'tool-call') {
      readLeaves(part.input, ['content', index, 'input'], 'shut', add);
    }
  });
};

const readResult = ({ output }: ToolResultPart, index: number, add: Add): void => {
  const path = ['content', index, 'output', 'value'];
  switch (output.type) {
    case 'text':
    case 'error-text':
      add(path, output.value, 'open');
      return;
    case 'json':
    case 'error-json':
      readLeaves(output.value, path, 'open', add);
      return;
    case 'content':
      output.value.forEach((part, item) => {
        if (part.type === 'text') add([...path, item, 'text'], part.text, 'open');
      });
      return;
    default:
      return;
  }
};

/** Deeper structures are left as they are; one that contains itself ends here. */
const DEEPEST = 12;

/** The long strings inside of a structure. Keys stay. */
const readLeaves = (
  value: JsonValue | unknown,
  path: readonly (string | number)[],
  access: Access,
  add: Add,
): void => {
  if (path.length > DEEPEST) return;
  if (typeof value === 'string') {
    if (value.length >= LEAST_LEAF) add(path, value, access);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      readLeaves(item, [...path, index], access, add);
    });
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const [key, item] of Object.entries(value)) readLeaves(item, [...path, key], access, add);
  }
};

/**
 * Which user messages may be rewritten: not the newest; not one that was answered by tool calls, because by the time
 * it is no longer the newest, a vendor's cache holds all that follows it.
 */
const userAccess = (messages: readonly Message[], older: Access): Access[] => {
  const access: Access[] = messages.map(() => 'shut');
  let answeredByTools = true;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message === undefined) continue;
    // There may have been tools in turns that were left out before.
    if (message.role === 'tool' || standsForTurns(message)) answeredByTools = true;
    if (message.role !== 'user') continue;
    if (!answeredByTools) access[index] = older;
    answeredByTools = false;
  }
  return access;
};

/** Cuts out what is kept: regions between tags, and what looks like a reference. */
const split = (text: string, regions: readonly Region[]): Piece[] => {
  const pieces: Piece[] = [];
  const addOpen = (part: string): void => {
    splitAtReferences(part).forEach((piece, index) => {
      if (piece !== '') pieces.push(index % 2 === 0 ? piece : fixed('found', piece));
    });
  };
  let from = 0;
  for (const { start, end } of regions) {
    addOpen(text.slice(from, start));
    pieces.push(fixed('kept', text.slice(start, end)));
    from = end;
  }
  addOpen(text.slice(from));
  return pieces;
};
