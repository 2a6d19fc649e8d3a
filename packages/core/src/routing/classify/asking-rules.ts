import type { Effects } from './effects.js';
import type { SentenceView } from './sentence-view.js';
import type { AskedAction, QuestionWord } from './word-meaning.js';

const isProseTask = (view: SentenceView): boolean =>
  !view.context.material && view.first('prose', 'code') === 'prose';

type ActionRule = (view: SentenceView) => Effects;

const byTarget = (view: SentenceView, otherwise: Effects): Effects => {
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
export const ACTIONS: Readonly<Record<AskedAction, ActionRule>> = {
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
  request: (view) => {
    const { words } = view.sentence;
    // "get rid of", "get it out of": nothing is handed over.
    if (words[view.from] === 'get' && (words.includes('rid') || words.includes('out')))
      return ACTIONS.change(view);
    return byTarget(view, { other: 0.8 });
  },
  fix: (view) => {
    if (isProseTask(view)) return { other: 4 };
    if (view.aboutCode || view.context.failure || view.has('fault')) return { debug: 4 };
    return { debug: 1, other: 1 };
  },
  change: (view) => (isProseTask(view) ? { other: 4 } : view.aboutCode ? { refactor: 4 } : { refactor: 3 }),
  rework: (view) => {
    if (isProseTask(view)) return { other: 3.5 };
    if (view.aboutCode) return { refactor: 3.5 };
    return view.context.speaksOfCode ? { refactor: 2.5, other: 1 } : { other: 3.5 };
  },
  convert: (view) =>
    view.context.code ? { refactor: 4 } : view.short ? { simple_qa: 3 } : { simple_qa: 1, other: 1 },
  judge: (view) => {
    if (isProseTask(view)) return { other: 4 };
    return view.aboutCode ? { code_review: 4 } : { code_review: 1, other: 1.5 };
  },
  tell: (view) => {
    const weighs = view.context.code && view.sentence.words[view.from] === 'compare';
    return weighs ? { code_review: 3, explain: 2 } : { explain: 4 };
  },
  text: (view) => (view.context.code ? { explain: 3, other: 1.5 } : { other: 4 }),
};

const questionOfFact = (view: SentenceView): Effects => {
  if (view.context.long) return { other: 2.5, simple_qa: 1 };
  return view.short ? { simple_qa: 3.5 } : { simple_qa: 1.5, explain: 1 };
};

/** After "how" they ask for a number. */
const MEASURES: ReadonlySet<string> = new Set(
  'many much old tall long far big often high deep heavy fast viele lange hoch groß'.split(' '),
);

/** "Any idea why?" is about what was said before it. */
const CURT_QUESTION = 6;

/** What each question word speaks for. */
export const QUESTIONS: Readonly<Record<QuestionWord, ActionRule>> = {
  why: (view) => {
    const { failure, code, speaksOfFault } = view.context;
    const curt = view.sentence.words.length <= CURT_QUESTION;
    if (failure || code || view.broken || (speaksOfFault && curt)) return { debug: 3.5 };
    const own = view.sentence.words.includes('my') || view.sentence.words.includes('our');
    return own && view.has('code') ? { debug: 2.5, explain: 1.5 } : { explain: 3.5 };
  },
  how: (view) => {
    const [next = '', subject = ''] = view.sentence.words.slice(view.from + 1);
    if (view.has('opinion') && view.context.code) return { code_review: 3.5 };
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
    if ((words.includes('would') || words.includes('würdest')) && view.context.material)
      return { code_review: 3 };
    const does = words[view.from + 1] === 'does' && words.includes('do');
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
