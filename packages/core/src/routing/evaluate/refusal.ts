/** A longer text is an answer, whatever it begins with. */
const LONGEST_REFUSAL = 700;
/** Characters at the start in which a refusal says so. */
const OPENING = 240;
/** How many words after "I can't" the refused thing is named. */
const REACH = 4;

const APOLOGIES = [
  "i'm sorry",
  'i am sorry',
  "i'm really sorry",
  'sorry',
  'i apologize',
  'i apologise',
  'apologies',
  'unfortunately',
  'as an ai language model',
  'as a language model',
  'as an ai assistant',
  'as an ai',
  'but',
  'however',
];
const INABILITIES = [
  "i can't",
  'i cannot',
  'i can not',
  "i'm unable to",
  'i am unable to',
  "i'm not able to",
  'i am not able to',
  "i won't",
  'i will not',
  "i'm not comfortable",
  'i am not comfortable',
  'i must decline',
  'i have to decline',
  'i need to decline',
  "i don't feel comfortable",
];
/** What is refused. "I can't see a bug in this" is an answer. */
const REFUSED: ReadonlySet<string> = new Set(
  `help assist provide do answer fulfill fulfil comply create generate write share discuss continue engage
   produce complete participate decline comfortable with`.split(/\s+/),
);
/** The same in other languages: what such a reply begins with. */
const OTHER_LANGUAGES = [
  'es tut mir leid, aber ich kann',
  'tut mir leid, aber ich kann',
  'ich kann dir dabei nicht helfen',
  'ich kann ihnen dabei nicht helfen',
  'je suis désolé, mais je ne peux pas',
  'désolé, mais je ne peux pas',
  'je ne peux pas vous aider',
  'lo siento, pero no puedo',
  'no puedo ayudarte',
  'no puedo ayudarle',
  '抱歉，我无法',
  '抱歉，我不能',
  '很抱歉，我无法',
  '很抱歉，我不能',
  '对不起，我无法',
  '对不起，我不能',
];

const withoutStart = (text: string, starts: readonly string[]): string | undefined => {
  const start = starts.find((one) => text.startsWith(one));
  return start === undefined ? undefined : text.slice(start.length).replace(/^[\s,.;:!]+/, '');
};

/** Whether a whole reply is a refusal: short, without code, and its first words decline in the first person. */
export const isRefusal = (text: string): boolean => {
  if (text.length > LONGEST_REFUSAL || text.includes('```')) return false;
  let rest = text.trimStart().slice(0, OPENING).toLowerCase().replaceAll('’', "'");
  if (OTHER_LANGUAGES.some((start) => rest.startsWith(start))) return true;
  for (let next = withoutStart(rest, APOLOGIES); next !== undefined; next = withoutStart(rest, APOLOGIES))
    rest = next;
  const declines = rest.startsWith('i must decline') || rest.startsWith('i have to decline');
  const after = withoutStart(rest, INABILITIES);
  if (after === undefined) return false;
  const words = after.split(/[\s,.;:!]+/, REACH);
  return declines || words.some((word) => REFUSED.has(word));
};
