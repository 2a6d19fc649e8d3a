import type { Sentence } from './sentence.js';
import type { TaskCategory } from './task-verdict.js';
import type { AskedAction, QuestionWord, Thing } from './word-meaning.js';

/** Points for categories. */
export type Effects = Readonly<Partial<Record<TaskCategory, number>>>;

/** What one sentence asks for. */
export interface Ask {
  /** `asked` for an order or a question, `told` for what a statement lets guess. */
  readonly kind: 'asked' | 'told';
  /** The word that decided. */
  readonly word: string;
  readonly effects: Effects;
}

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
interface View {
  readonly sentence: Sentence;
  readonly context: AskContext;
  readonly from: number;
  /** The first thing of one of these kinds after the leading word. */
  readonly first: (...things: readonly Thing[]) => Thing | undefined;
  /** What is asked for: of a compound ("code review") its last word. */
  readonly object: () => Thing | undefined;
  readonly has: (thing: Thing) => boolean;
  readonly denied: boolean;
  /** Code is at hand or is spoken of. */
  readonly aboutCode: boolean;
  readonly short: boolean;
}

const OBJECTS: ReadonlySet<Thing> = new Set(['code', 'prose', 'account', 'opinion']);

const viewOf = (sentence: Sentence, context: AskContext, from: number): View => {
  const { meanings, words } = sentence;
  const first: View['first'] = (...things) => {
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
    aboutCode: context.material || has('code') || has('patch'),
    short: words.length <= SHORT_QUESTION,
  };
};

const isProseTask = (view: View): boolean =>
  !view.context.material && view.first('prose', 'code') === 'prose';

type ActionRule = (view: View) => Effects;

const byTarget = (view: View, otherwise: Effects): Effects => {
  switch (view.object()) {
    case 'code':
      return { code_gen: 4 };
    case 'prose':
      return view.context.code ? { code_gen: 2, other: 2 } : { other: 4 };
    case 'account':
      return { explain: 3.5 };
    case 'opinion':
      return view.aboutCode ? { code_review: 3.5 } : { other: 2 };
    default:
      return otherwise;
  }
};

/** What each leading verb speaks for. */
const ACTIONS: Readonly<Record<AskedAction, ActionRule>> = {
  make: (view) => {
    const next = view.sentence.words[view.from + 1];
    if (next === 'this' || next === 'it' || next === 'these') {
      if (view.context.code || view.has('quality')) return { refactor: 4 };
    }
    return byTarget(
      view,
      view.context.material || view.context.speaksOfCode ? { code_gen: 2.5 } : { other: 1.5, code_gen: 0.5 },
    );
  },
  request: (view) => byTarget(view, { other: 0.8 }),
  fix: (view) => {
    if (isProseTask(view)) return { other: 4 };
    if (view.aboutCode || view.context.failure || view.has('fault')) return { debug: 4 };
    return { debug: 1, other: 1 };
  },
  change: (view) => (isProseTask(view) ? { other: 4 } : view.aboutCode ? { refactor: 4 } : { refactor: 3 }),
  rework: (view) => {
    if (isProseTask(view) || !view.aboutCode) return { other: 3.5 };
    return { refactor: 3.5 };
  },
  convert: (view) =>
    view.context.code ? { refactor: 4 } : view.short ? { simple_qa: 3 } : { simple_qa: 1, other: 1 },
  judge: (view) => {
    if (isProseTask(view)) return { other: 4 };
    return view.aboutCode ? { code_review: 4 } : { code_review: 1, other: 1.5 };
  },
  tell: () => ({ explain: 4 }),
  text: (view) => (view.context.code ? { explain: 2, other: 1.5 } : { other: 4 }),
};

const questionOfFact = (view: View): Effects => {
  if (view.context.long) return { other: 2.5, simple_qa: 1 };
  return view.short ? { simple_qa: 3.5 } : { simple_qa: 1.5, explain: 1 };
};

/** What each question word speaks for. */
const QUESTIONS: Readonly<Record<QuestionWord, ActionRule>> = {
  why: (view) => {
    const { failure, code, speaksOfFault } = view.context;
    const broken = failure || code || view.has('fault') || (speaksOfFault && view.sentence.words.length <= 6);
    return broken || (view.denied && view.has('working')) ? { debug: 3.5 } : { explain: 3.5 };
  },
  how: (view) => {
    const [next = '', subject = ''] = view.sentence.words.slice(view.from + 1);
    if (MEASURES.has(next)) return questionOfFact(view);
    if (view.sentence.meanings.some((meaning) => meaning?.action === 'fix') || view.has('fault'))
      return { debug: 4 };
    const personal = next === 'to' || subject === 'i' || subject === 'we' || subject === 'you';
    if (!personal) return { explain: 3.5 };
    return view.aboutCode ? { code_gen: 2.5, explain: 1 } : { explain: 2.5 };
  },
  what: (view) => {
    const { words } = view.sentence;
    if (view.context.failure || view.first('fault', 'account') === 'fault') return { debug: 3.5 };
    if (view.has('opinion') && view.aboutCode) return { code_review: 3.5 };
    if (view.has('account')) return { explain: 4 };
    if (words.includes('going') && words.includes('on')) return { debug: 3 };
    if (words.includes('would') && view.context.material) return { code_review: 3 };
    const does = words[view.from + 1] === 'does' && (words.at(-1) === 'do' || words.includes('do'));
    if (does || view.context.code) return { explain: 3.5 };
    return questionOfFact(view);
  },
  fact: (view) => {
    if (view.context.failure || (view.has('fault') && view.context.material)) return { debug: 3 };
    return questionOfFact(view);
  },
  'yes-no': (view) => {
    if (view.context.code) return { code_review: 3.5 };
    if (view.context.failure) return { debug: 2 };
    return questionOfFact(view);
  },
};

const MEASURES: ReadonlySet<string> = new Set(
  'many much old tall long far big often high deep heavy fast viele lange hoch groß'.split(' '),
);

/** How many words before a verb a denial still reaches it. */
const DENIAL_REACH = 3;

const isDenied = (sentence: Sentence, index: number): boolean => {
  for (let back = 1; back <= DENIAL_REACH && index - back >= 0; back++) {
    if (sentence.meanings[index - back]?.negation) return true;
  }
  return false;
};

/** The first word that is more than politeness. */
const leadOf = ({ meanings, words }: Sentence): number => {
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

/** The entries of some points. */
export const pairsOf = (effects: Effects): [TaskCategory, number][] =>
  Object.entries(effects) as [TaskCategory, number][];

const plus = (one: Effects, other: Effects): Effects => {
  const sum: Partial<Record<TaskCategory, number>> = { ...one };
  for (const [category, points] of pairsOf(other)) sum[category] = (sum[category] ?? 0) + points;
  return sum;
};

/** What a sentence asks for; `undefined` where it tells nothing. */
export const askOf = (sentence: Sentence, context: AskContext): Ask | undefined => {
  const from = leadOf(sentence);
  const lead = sentence.meanings[from];
  const word = sentence.words[from] ?? '';
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

/** What a statement lets guess: "the app crashes on startup". */
const told = (view: View, minor: Effects): Ask | undefined => {
  const broken = view.has('fault') || (view.denied && view.has('working'));
  const effects = broken ? plus({ debug: 2.5 }, minor) : minor;
  if (pairsOf(effects).length === 0) return undefined;
  const at = view.sentence.meanings.findIndex((meaning) => meaning?.thing ?? meaning?.action);
  return { kind: 'told', word: view.sentence.words[at] ?? '', effects };
};
