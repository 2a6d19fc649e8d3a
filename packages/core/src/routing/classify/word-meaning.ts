/** What an asking verb wants to have done. */
export type AskedAction =
  /** Bring something into being. */
  | 'make'
  /** Hand something over: "give me", "I need". */
  | 'request'
  /** Put right what is wrong. */
  | 'fix'
  /** Change the form of code and not what it does. */
  | 'change'
  /** Bring into another form: code or prose, as the rest says. */
  | 'rework'
  /** A unit, a number. */
  | 'convert'
  /** Give an opinion on something that is there. */
  | 'judge'
  /** Make somebody understand. */
  | 'tell'
  /** Work on words: translate, draft, plan. */
  | 'text';

/** What a question begins with. */
export type QuestionWord = 'why' | 'what' | 'how' | 'fact' | 'yes-no';

/** What a thing is, as far as it tells one task from another. */
export type Thing =
  /** A piece of software, a language, a tool. */
  | 'code'
  /** Something to read that is not code. */
  | 'prose'
  /** Something that is wrong. */
  | 'fault'
  /** A change to code: a diff, a pull request. */
  | 'patch'
  /** An explanation: an overview, a difference, pros and cons. */
  | 'account'
  /** An opinion: feedback, a review. */
  | 'opinion'
  /** What must stay as it is in a refactoring. */
  | 'behaviour'
  /** "work", "works": a fault where it is denied, an explanation otherwise. */
  | 'working'
  /** How code may be better: cleaner, faster. */
  | 'quality';

/** What a word of the lexicon means here; a word may mean several things. */
export interface WordMeaning {
  readonly action?: AskedAction | undefined;
  readonly question?: QuestionWord | undefined;
  readonly thing?: Thing | undefined;
  /** Says nothing at the start of a sentence: "please", "could you". */
  readonly filler?: true | undefined;
  readonly negation?: true | undefined;
  /** "and", "to": the verb after it is asked for too. */
  readonly joins?: true | undefined;
  /** Points of complexity: above 0 for hard matters, below for easy ones. */
  readonly difficulty?: number | undefined;
}
