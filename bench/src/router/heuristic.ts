import { classifyTask, type TaskCategory } from '@millrace/core/routing';

/** A guess at what a prompt is about and how hard it is, without any training. */
export interface Guess {
  readonly category: TaskCategory;
  /** 0 to 100. */
  readonly complexity: number;
}

const known = new Map<string, Guess>();

/** What the router of the `heuristic` mode goes by. */
export const guess = (text: string): Guess => {
  const before = known.get(text);
  if (before !== undefined) return before;
  const { category, complexity } = classifyTask({
    model: 'auto',
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  });
  known.set(text, { category, complexity });
  return { category, complexity };
};
