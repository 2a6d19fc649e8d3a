import { ACTIONS, QUESTIONS } from './asking-rules.js';
import { type Effects, pairsOf, plus } from './effects.js';
import { shownWord } from './lexicon.js';
import type { Sentence } from './sentence.js';
import { type AskContext, isDenied, type SentenceView, viewOf } from './sentence-view.js';
import type { TaskCategory } from './task-verdict.js';

/** What one sentence asks for. */
export interface Ask {
  /** `asked` for an order or a question, `told` for what a statement lets guess. */
  readonly kind: 'asked' | 'told';
  /** The word that decided, where the lexicon has it: what people write is not passed on. */
  readonly word: string;
  readonly effects: Effects;
}

/** The first word that is more than politeness; a verb that is denied gives way to one that is not. */
const leadOf = (sentence: Sentence): number => {
  const index = firstOf(sentence);
  if (sentence.meanings[index]?.action === undefined || !isDenied(sentence, index)) return index;
  const asked = sentence.meanings.findIndex(
    (meaning, at) => at > index && meaning?.action !== undefined && !isDenied(sentence, at),
  );
  return asked === -1 ? index : asked;
};

const firstOf = ({ meanings, words }: Sentence): number => {
  let index = 0;
  while (index < words.length) {
    const meaning = meanings[index];
    // "can you" is politeness, "can a" asks.
    if (meaning?.question === 'yes-no' && isPolite(words, index)) index += 2;
    else if (meaning?.filler && meaning.question === undefined) index += 1;
    else break;
  }
  return index;
};

const isPolite = (words: readonly string[], index: number): boolean => {
  const next = words[index + 1];
  const first = words[index];
  return (next === 'you' || next === 'we' || next === 'i') && first !== 'is' && first !== 'are';
};

const MINOR = 0.3;

/** The verbs after the leading word: "split the module *and update* the tests". */
const minorEffects = (sentence: Sentence, context: AskContext, from: number): Effects => {
  const total: Partial<Record<TaskCategory, number>> = {};
  for (let index = from + 1; index < sentence.words.length; index++) {
    const action = sentence.meanings[index]?.action;
    if (action === undefined || action === 'request' || isDenied(sentence, index)) continue;
    if (!sentence.meanings[index - 1]?.joins) continue;
    for (const [category, points] of pairsOf(ACTIONS[action](viewOf(sentence, context, index))))
      total[category] = Math.max(total[category] ?? 0, points * MINOR);
  }
  return total;
};

/** What a sentence asks for; `undefined` where it tells nothing. */
export const askOf = (sentence: Sentence, context: AskContext): Ask | undefined => {
  const from = leadOf(sentence);
  const lead = sentence.meanings[from];
  const word = shownWord(sentence.words[from] ?? '');
  const view = viewOf(sentence, context, from);
  const keepsBehaviour = view.denied || sentence.words.includes('same') || sentence.words.includes('keep');
  const kept: Effects = keepsBehaviour && view.has('behaviour') && context.material ? { refactor: 2 } : {};
  const asked = (effects: Effects): Ask => ({
    kind: 'asked',
    word,
    effects: plus(plus(effects, kept), minorEffects(sentence, context, from)),
  });
  if (lead?.action !== undefined && !isDenied(sentence, from)) return asked(ACTIONS[lead.action](view));
  if (lead?.question !== undefined && (sentence.asks || lead.question !== 'yes-no'))
    return asked(QUESTIONS[lead.question](view));
  if (sentence.asks) {
    const inner = sentence.meanings.findIndex((meaning) => meaning?.question !== undefined);
    const question = sentence.meanings[inner]?.question;
    if (question !== undefined) return asked(QUESTIONS[question](viewOf(sentence, context, inner)));
    return asked(context.code ? { code_review: 2 } : { simple_qa: 1.5 });
  }
  return told(view, plus(kept, minorEffects(sentence, context, from)));
};

/** Words of a whole statement: without them a line such as "regex for an IPv4 address" names what is wanted. */
const STATING: ReadonlySet<string> = new Set(
  "is are was were be been i we it's i'm i've have has had got get gets does do did says say ist sind est es".split(
    ' ',
  ),
);
const NOUN_REACH = 4;

const isNominal = ({ words, meanings }: Sentence): boolean =>
  meanings.slice(0, NOUN_REACH).some((meaning) => meaning?.thing === 'code') &&
  !words.some((word) => STATING.has(word));

/** What a statement lets guess: "the app crashes on startup". */
const told = (view: SentenceView, minor: Effects): Ask | undefined => {
  const { sentence, context, broken } = view;
  let effects = broken ? plus({ debug: 2.5 }, minor) : minor;
  if (!broken && isNominal(sentence)) effects = plus({ code_gen: context.code ? 1 : 2 }, minor);
  else if (!broken && context.material && sentence.words.includes('should'))
    effects = plus({ code_gen: 1 }, minor);
  if (pairsOf(effects).length === 0) return undefined;
  const at = sentence.meanings.findIndex((meaning) => meaning?.thing ?? meaning?.action);
  return { kind: 'told', word: shownWord(sentence.words[at] ?? ''), effects };
};
