import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { asking } from '../../../test/classify/requests.js';
import { classifyTask } from './classify-task.js';

const DATA = new URL('../../../../../../shared/data/', import.meta.url);
const hasData = existsSync(DATA);
if (!hasData) console.log('The recorded prompts are not here: the tests on them are left out.');

interface Recorded {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | readonly { text?: string }[];
  }[];
}

const firstPrompt = (file: string): string => {
  const { messages }: Recorded = JSON.parse(readFileSync(new URL(`transcripts/${file}.json`, DATA), 'utf8'));
  const content = messages.find(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
};

describe.skipIf(!hasData)('first messages of recorded conversations', () => {
  test.each([
    ['aider-census', 'simple_qa'],
    ['claudecode-subagent-afc096d', 'explain'],
    ['openhands-fncall-claude', 'code_gen'],
    ['sweagent-marshmallow-fncall-fromsource', 'debug'],
    ['sweagent-pydicom-gpt4', 'debug'],
    ['taubench-airline-gpt4o-longest-ok', 'other'],
  ])('%s is %s', (file, category) => {
    expect(classifyTask(asking(firstPrompt(file))).category).toBe(category);
  });
});

describe.skipIf(!hasData)('the questions of MT Bench', () => {
  const questions = new Map<number, { category: string; text: string }>();
  if (hasData) {
    for (const line of readFileSync(new URL('router/mt_bench.jsonl', DATA), 'utf8').trim().split('\n')) {
      const { question_id, category, prompt } = JSON.parse(line);
      questions.set(question_id, { category, text: prompt[0] });
    }
  }
  const verdicts = (wanted: string) =>
    [...questions.values()]
      .filter(({ category }) => category === wanted)
      .map(({ text }) => classifyTask(asking(text)));
  const share = (wanted: string, ...categories: readonly string[]): number => {
    const all = verdicts(wanted);
    return all.filter(({ category }) => categories.includes(category)).length / all.length;
  };

  test('about code are code tasks, the others are not', () => {
    expect(share('coding', 'code_gen', 'debug', 'code_review', 'refactor')).toBe(1);
    for (const topic of ['writing', 'roleplay', 'humanities', 'stem', 'math'])
      expect([topic, share(topic, 'simple_qa', 'explain', 'other')]).toEqual([topic, expect.closeTo(1, 0)]);
  });

  test('that ask for a text are no questions of fact', () => {
    expect(share('writing', 'simple_qa')).toBe(0);
    expect(share('roleplay', 'simple_qa')).toBe(0);
  });
});
