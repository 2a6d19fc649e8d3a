import type { ModelRequest } from '../../model/model-request.js';

/** Every kind of task, in the order in which a tie is decided. */
export const TASK_CATEGORIES = [
  'debug',
  'code_review',
  'refactor',
  'code_gen',
  'explain',
  'simple_qa',
  'other',
] as const;

/** What a request asks for. */
export type TaskCategory = (typeof TASK_CATEGORIES)[number];

/** One thing that was seen in a request, and what follows from it. */
export interface TaskSignal {
  /** What was looked at: `ask`, `stack-trace`, `tokens`. */
  readonly name: string;
  /** What was found: a count, or a word of the classifier's own lexicon. Never other text of the request. */
  readonly value: string | number;
  /** Points for categories. The category with the most points over all signals is the verdict's. */
  readonly effects: Readonly<Partial<Record<TaskCategory, number>>>;
  /** Points of complexity. Their sum over all signals, rounded and kept within 0 to 100, is the verdict's. */
  readonly complexity: number;
}

/** What a request asks for, how hard it looks, and why. */
export interface TaskVerdict {
  readonly category: TaskCategory;
  /** 0 (a short question of fact) to 100 (a long task over many files). */
  readonly complexity: number;
  /** 0 (a guess) to 1: how far the category is ahead of the next one. Not a probability. */
  readonly confidence: number;
  /** Everything that the verdict was made from; empty where a classifier of the host's gives none. */
  readonly signals: readonly TaskSignal[];
}

/**
 * Decides what a request asks for. {@link classifyTask} is one; a host may bring its own, a small model say.
 *
 * @param cancellation - Its signal ends a wait.
 */
export type TaskClassifier = (
  request: ModelRequest,
  cancellation?: { readonly signal: AbortSignal },
) => TaskVerdict | Promise<TaskVerdict>;
