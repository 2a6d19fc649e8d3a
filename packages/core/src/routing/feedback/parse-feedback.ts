import type { Rating } from './rating.js';

/** A rating that was given in a chat. */
export interface FeedbackCommand {
  readonly rating: Rating;
  /** The task, or the first characters of its id, in lower case; absent for the latest one. */
  readonly taskId?: string | undefined;
}

/** Something that was meant as the command and is not right; `problem` is the answer to give. */
export interface FeedbackProblem {
  readonly problem: string;
}

const COMMAND = '/feedback';
/** More words than this after the command are a sentence, not a mistake in a command. */
const MOST_WORDS = 3;
const LONGEST = 200;
const SHOWN = 40;
const FORM =
  'Write "/feedback good", "/feedback bad" or "/feedback 1" to "/feedback 5", and a task id after it if you like.';

const RATINGS: ReadonlyMap<string, Rating> = new Map<string, Rating>([
  ['good', 'good'],
  ['bad', 'bad'],
  ['1', 1],
  ['2', 2],
  ['3', 3],
  ['4', 4],
  ['5', 5],
]);
const TASK_ID = /^[0-9a-z][0-9a-z_-]{0,63}$/;

const shown = (word: string): string => (word.length <= SHOWN ? word : `${word.slice(0, SHOWN)}…`);

/**
 * Reads the chat command `/feedback good|bad|1-5 [taskId]`. Case and white space do not matter.
 *
 * @returns the rating; a problem, as a sentence to answer with, where the command is not right; `undefined` where the
 * text is no such command, because something else stands before it, after it or in a further line.
 *
 * @example
 * parseFeedback('/feedback 4 0193a'); // { rating: 4, taskId: '0193a' }
 */
export const parseFeedback = (text: string): FeedbackCommand | FeedbackProblem | undefined => {
  if (text.length > LONGEST) return undefined;
  const line = text.trim();
  if (line[0] !== COMMAND[0]) return undefined;
  if (line.includes('\n')) return undefined;
  const [command = '', ...words] = line.split(/\s+/);
  if (command.toLowerCase() !== COMMAND || words.length > MOST_WORDS) return undefined;
  const [given, id, ...more] = words;
  if (given === undefined) return { problem: `A rating is missing. ${FORM}` };
  const rating = RATINGS.get(given.toLowerCase());
  if (rating === undefined) return { problem: `"${shown(given)}" is not a rating. ${FORM}` };
  if (more.length > 0) return { problem: `There is more than a rating and one task id. ${FORM}` };
  if (id === undefined) return { rating };
  const taskId = id.toLowerCase();
  if (!TASK_ID.test(taskId)) return { problem: `"${shown(id)}" is not a task id. ${FORM}` };
  return { rating, taskId };
};
