import type { Message } from '../model/message.js';
import type { Expansion, TextExpansion } from './expansion.js';
import { replaceAt, textAt } from './text-path.js';

/**
 * Gives the conversation back as it was before it was compressed, but for the white space that `normalise` and `code`
 * changed. References are found by their places, so that text which only looks like one stays.
 *
 * @param messages - What `compress` gave; more messages may have been added behind.
 * @param expansions - What `compress` gave with them.
 */
export const expand = (messages: readonly Message[], expansions: readonly Expansion[]): Message[] => {
  const texts = new Map<number, Map<string, TextExpansion[]>>();
  const turns = new Map<number, readonly Message[]>();
  for (const expansion of expansions) {
    if (expansion.kind === 'turns') {
      turns.set(expansion.message, expansion.messages);
      continue;
    }
    const ofMessage = getOrAdd(texts, expansion.message, () => new Map<string, TextExpansion[]>());
    getOrAdd(ofMessage, JSON.stringify(expansion.path), (): TextExpansion[] => []).push(expansion);
  }
  return messages.flatMap((message, index) => {
    const leftOut = turns.get(index);
    if (leftOut !== undefined) return leftOut;
    let whole = message;
    for (const places of texts.get(index)?.values() ?? []) whole = expandText(whole, places);
    return [whole];
  });
};

const getOrAdd = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};

const expandText = (message: Message, places: readonly TextExpansion[]): Message => {
  const [first] = places;
  const text = first && textAt(message, first.path);
  if (text === undefined) return message;
  let whole = '';
  let from = 0;
  for (const { start, length, text: original } of places.toSorted((a, b) => a.start - b.start)) {
    whole += text.slice(from, start) + original;
    from = start + length;
  }
  return replaceAt(message, first?.path ?? [], whole + text.slice(from));
};
