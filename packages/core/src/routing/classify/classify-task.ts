import type { ModelRequest } from '../../model/model-request.js';
import { categorySignals } from './category-signals.js';
import { complexitySignals } from './complexity-signals.js';
import { conversationOf } from './conversation.js';
import { readText } from './read-text.js';
import { TASK_CATEGORIES, type TaskCategory, type TaskSignal, type TaskVerdict } from './task-verdict.js';

/** Characters of the newest message that are read, half at its begin and half at its end. */
const READ_CHARACTERS = 8_000;
/** Points that a category has to be ahead by for some confidence. */
const DOUBT = 1.5;

/**
 * What a request asks for, and how hard it looks, by its words and its structure: orders and questions, code, diffs,
 * stack traces, logs, file names, turns, tools. The newest message of the user decides; earlier ones and the system
 * prompt weigh less. English words are read best; German, French, Spanish and Chinese by their commonest ones.
 *
 * Pure, without network, in linear time; of a long message the begin and the end are read. Never throws. The signals
 * explain the verdict in full.
 *
 * @example
 * classifyTask(request).category; // 'debug'
 */
export const classifyTask = (request: ModelRequest): TaskVerdict => {
  const conversation = conversationOf(request);
  const newest = readText(conversation.newest, READ_CHARACTERS);
  const forCategory = categorySignals(request, conversation, newest);
  const { category, confidence } = decide(forCategory);
  const signals = [...forCategory, ...complexitySignals(request, category, conversation, newest)];
  return { category, complexity: complexityOf(signals), confidence, signals };
};

const decide = (signals: readonly TaskSignal[]): { category: TaskCategory; confidence: number } => {
  const points = new Map<TaskCategory, number>(TASK_CATEGORIES.map((category) => [category, 0]));
  for (const { effects } of signals) {
    for (const category of TASK_CATEGORIES)
      points.set(category, (points.get(category) ?? 0) + (effects[category] ?? 0));
  }
  // Sorting is stable: the order of the categories decides a tie.
  const [best, second] = [...points].toSorted(([, one], [, other]) => other - one);
  if (best === undefined || best[1] <= 0) return { category: 'other', confidence: 0 };
  const ahead = best[1] - (second?.[1] ?? 0);
  return { category: best[0], confidence: Math.round((ahead / (best[1] + DOUBT)) * 100) / 100 };
};

const complexityOf = (signals: readonly TaskSignal[]): number => {
  const sum = signals.reduce((total, { complexity }) => total + complexity, 0);
  return Math.min(100, Math.max(0, Math.round(sum)));
};
