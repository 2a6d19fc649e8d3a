import { readFileSync } from 'node:fs';
import type { TaskCategory } from '../../src/routing/classify/task-verdict.js';

/** A prompt with what a person says that it asks for. */
export interface LabelledPrompt {
  readonly category: TaskCategory;
  readonly tier: string | undefined;
  readonly text: string;
}

const FILES = ['prompts-a.txt', 'prompts-b.txt', 'prompts-c.txt', 'prompts-d.txt'];
const HEADER = /^%% (\w+) ?(\w+)?$/;

const readFile = (file: string): LabelledPrompt[] => {
  const prompts: { category: TaskCategory; tier: string | undefined; lines: string[] }[] = [];
  for (const line of readFileSync(new URL(file, import.meta.url), 'utf8').split('\n')) {
    const header = HEADER.exec(line);
    if (header === null) prompts.at(-1)?.lines.push(line);
    else prompts.push({ category: header[1] as TaskCategory, tier: header[2], lines: [] });
  }
  return prompts.map(({ lines, ...labels }) => ({ ...labels, text: lines.join('\n').trim() }));
};

/** FNV-1a of 32 bits: which half a prompt is in depends on its text alone. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
};

const ALL = FILES.flatMap(readFile);
const isTuned = ({ text }: LabelledPrompt): boolean => (hashOf(text) >>> 8) % 2 === 0;

/** The half that the classifier was made with. */
export const TUNING: readonly LabelledPrompt[] = ALL.filter(isTuned);
/** The half that nothing was changed for. */
export const HELD_OUT: readonly LabelledPrompt[] = ALL.filter((prompt) => !isTuned(prompt));
