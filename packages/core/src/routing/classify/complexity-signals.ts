import type { ModelRequest } from '../../model/model-request.js';
import type { Conversation } from './conversation.js';
import { isIdeograph } from './lexicon.js';
import type { TextReading } from './read-text.js';
import type { TaskCategory, TaskSignal } from './task-verdict.js';

/** What a task of each kind begins with. */
const BASE: Readonly<Record<TaskCategory, number>> = {
  simple_qa: 2,
  other: 12,
  explain: 14,
  code_gen: 24,
  code_review: 26,
  debug: 28,
  refactor: 32,
};

const CHARACTERS_PER_TOKEN = 4;
/** Characters that tell whether a text is of ideographs. */
const SAMPLE = 400;
/** Below this many tokens the length says nothing. */
const FEW_TOKENS = 64;
const PER_DOUBLING = 2.5;

/** Points of complexity; 0 of them are no signal. */
const signal = (name: string, value: string | number, complexity: number): TaskSignal[] =>
  complexity === 0 ? [] : [{ name, value, effects: {}, complexity: Math.round(complexity * 10) / 10 }];

/** An order of magnitude: a tokenizer would cost more than everything else here. */
const roughTokens = ({ newest, characters }: Conversation): number => {
  const sample = Math.min(SAMPLE, newest.length);
  let ideographs = 0;
  for (let index = 0; index < sample; index++) if (isIdeograph(newest.charCodeAt(index))) ideographs += 1;
  const share = sample === 0 ? 0 : ideographs / sample;
  return Math.round(characters * (share + (1 - share) / CHARACTERS_PER_TOKEN));
};

const lengthPoints = (tokens: number, most: number): number =>
  tokens <= FEW_TOKENS ? 0 : Math.min(most, Math.log2(tokens / FEW_TOKENS) * PER_DOUBLING);

const MOST_HARD = 20;
const MOST_EASY = -12;

const difficultySignals = ({ sentences }: TextReading): TaskSignal[] => {
  const seen = new Set<string>();
  let hard = 0;
  let easy = 0;
  for (const { words, meanings } of sentences) {
    for (const [index, meaning] of meanings.entries()) {
      const points = meaning?.difficulty;
      const word = words[index] ?? '';
      if (points === undefined || seen.has(word)) continue;
      seen.add(word);
      if (points > 0) hard += points;
      else easy += points;
    }
  }
  return [
    ...signal('hard-words', hard, Math.min(MOST_HARD, hard)),
    ...signal('easy-words', easy, Math.max(MOST_EASY, easy)),
  ];
};

/** Items of a list, sentences, and what is enumerated in one. */
const requirementsOf = ({ listItems, sentences, commas }: TextReading): number =>
  listItems +
  Math.max(0, sentences.filter(({ words }) => words.length > 3).length - 1) +
  Math.floor(commas / 2);

const effortPoints = ({ reasoning }: ModelRequest): number => {
  if (reasoning === 'high') return 8;
  return reasoning === 'xhigh' || reasoning === 'max' ? 12 : 0;
};

/** Everything in a request that makes it harder or easier, given what it asks for. */
export const complexitySignals = (
  request: ModelRequest,
  category: TaskCategory,
  conversation: Conversation,
  newest: TextReading,
): TaskSignal[] => {
  const tokens = roughTokens(conversation);
  const systemTokens = Math.round(conversation.system.length / CHARACTERS_PER_TOKEN);
  const files = newest.paths.size;
  const requirements = requirementsOf(newest);
  const { userTurns, toolResults, images } = conversation;
  const tools = request.tools?.length ?? 0;
  const isQuestion = category === 'simple_qa';
  return [
    ...signal('category', category, BASE[category]),
    ...signal('tokens', tokens, lengthPoints(tokens, 20)),
    ...signal('code-blocks', newest.codeBlocks, Math.min(6, newest.codeBlocks * 2)),
    ...signal('code-lines', newest.codeLines, Math.min(8, Math.floor(newest.codeLines / 8))),
    ...signal('files', files, isQuestion ? 0 : Math.min(24, Math.max(0, files - 1) * 6)),
    ...signal(
      'requirements',
      requirements,
      Math.min(12, Math.max(0, requirements - (isQuestion ? 1 : 0)) * 1.5),
    ),
    ...difficultySignals(newest),
    ...signal('turns', userTurns, Math.min(8, Math.max(0, userTurns - 1))),
    ...signal('system-prompt', systemTokens, lengthPoints(systemTokens, 6)),
    ...signal('tools', tools, Math.min(6, tools)),
    ...signal('tool-results', toolResults, Math.min(8, toolResults * 0.5)),
    ...signal('images', images, Math.min(6, images * 3)),
    ...signal('json-answer', 1, request.responseFormat?.type === 'json' ? 2 : 0),
    ...signal('reasoning-effort', request.reasoning ?? '', effortPoints(request)),
  ];
};
