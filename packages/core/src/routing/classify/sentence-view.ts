import type { Sentence } from './sentence.js';
import type { Thing } from './word-meaning.js';

/** What the sentence is about, beyond its own words. */
export interface AskContext {
  /** The message holds code, a diff, a trace, or names files. */
  readonly material: boolean;
  /** The message holds code or a diff to look at. */
  readonly code: boolean;
  /** The message holds a stack trace, error lines or a log. */
  readonly failure: boolean;
  /** Some sentence of the message names a piece of software. */
  readonly speaksOfCode: boolean;
  /** Some sentence of the message names something that is wrong. */
  readonly speaksOfFault: boolean;
  /** The message is a text of its own: a question in it is about that text. */
  readonly long: boolean;
}

const SHORT_QUESTION = 16;

/** A sentence with the questions that the rules ask of it. */
export interface SentenceView {
  readonly sentence: Sentence;
  readonly context: AskContext;
  readonly from: number;
  /** The first thing of one of these kinds after the leading word. */
  readonly first: (...things: readonly Thing[]) => Thing | undefined;
  /** What is asked for: of a compound ("code review") its last word. */
  readonly object: () => Thing | undefined;
  readonly has: (thing: Thing) => boolean;
  readonly denied: boolean;
  /** It speaks of something that is wrong, or that does not work. */
  readonly broken: boolean;
  /** Code is at hand or is spoken of. */
  readonly aboutCode: boolean;
  readonly short: boolean;
}

const OBJECTS: ReadonlySet<Thing> = new Set(['code', 'prose', 'account', 'opinion']);

/** How many words away from a word a denial still reaches it. */
const DENIAL_REACH = 3;

/** Whether what a word says is denied just before it. */
export const isDenied = ({ meanings }: Sentence, index: number): boolean =>
  meanings.slice(Math.max(0, index - DENIAL_REACH), index).some((meaning) => meaning?.negation);

/** "does not work", "funktioniert nicht". */
const isNotWorking = (sentence: Sentence): boolean =>
  sentence.meanings.some(
    (meaning, index) =>
      meaning?.thing === 'working' &&
      (isDenied(sentence, index) || isDenied(sentence, index + 1 + DENIAL_REACH)),
  );

/** A sentence as it looks from one of its words on. */
export const viewOf = (sentence: Sentence, context: AskContext, from: number): SentenceView => {
  const { meanings, words } = sentence;
  const first: SentenceView['first'] = (...things) => {
    for (let index = from + 1; index < meanings.length; index++) {
      const thing = meanings[index]?.thing;
      if (thing !== undefined && things.includes(thing)) return thing;
    }
    return undefined;
  };
  const object = (): Thing | undefined => {
    let found: Thing | undefined;
    for (const meaning of meanings.slice(from + 1)) {
      const thing = meaning?.thing;
      if (thing !== undefined && OBJECTS.has(thing)) found = thing;
      else if (found !== undefined) break;
    }
    return found;
  };
  const has = (thing: Thing): boolean => meanings.some((meaning) => meaning?.thing === thing);
  return {
    sentence,
    context,
    from,
    first,
    object,
    has,
    denied: meanings.some((meaning) => meaning?.negation),
    broken: has('fault') || isNotWorking(sentence),
    aboutCode: context.material || has('code') || has('patch'),
    short: words.length <= SHORT_QUESTION,
  };
};
