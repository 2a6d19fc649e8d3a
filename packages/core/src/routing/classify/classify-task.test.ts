import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HELD_OUT, type LabelledPrompt, TUNING } from '../../../test/classify/labelled-prompts.js';
import { asking, said } from '../../../test/classify/requests.js';
import type { Message } from '../../model/message.js';
import type { ModelRequest } from '../../model/model-request.js';
import { classifyTask } from './classify-task.js';
import { meaningOf } from './lexicon.js';
import { TASK_CATEGORIES, type TaskVerdict } from './task-verdict.js';
import { tierFor } from './tier-for.js';

const categoryOf = (text: string): string => classifyTask(asking(text)).category;
const named = ({ signals }: TaskVerdict, name: string) => signals.find((signal) => signal.name === name);

describe('labelled prompts', () => {
  const shareRight = (prompts: readonly LabelledPrompt[]): number =>
    prompts.filter(({ text, category }) => categoryOf(text) === category).length / prompts.length;

  test('are many, and of each category in both halves', () => {
    expect(TUNING.length + HELD_OUT.length).toBeGreaterThanOrEqual(150);
    for (const half of [TUNING, HELD_OUT])
      expect(new Set(half.map(({ category }) => category)).size).toBe(TASK_CATEGORIES.length);
  });

  test('that the classifier was made with are told apart', () => {
    expect(shareRight(TUNING)).toBeGreaterThanOrEqual(0.95);
  });

  test('that nothing was changed for are mostly told apart', () => {
    expect(shareRight(HELD_OUT)).toBeGreaterThanOrEqual(0.8);
  });

  test('get the tier that a person gave them', () => {
    for (const { text, tier } of [...TUNING, ...HELD_OUT]) {
      if (tier !== undefined)
        expect([text, tierFor(classifyTask(asking(text)).complexity)]).toEqual([text, tier]);
    }
  });
});

describe('the tier', () => {
  test('of a short question of fact is economy, and the signals say why', () => {
    const verdict = classifyTask(asking('What is 2+2?'));
    expect(verdict).toMatchObject({ category: 'simple_qa', complexity: 2 });
    expect(named(verdict, 'ask')).toMatchObject({ value: 'what', effects: { simple_qa: 3.5 } });
    expect(tierFor(verdict.complexity)).toBe('economy');
  });

  test('of a refactoring over many files is premium, and the signals say why', () => {
    const verdict = classifyTask(
      asking(
        'Refactor src/a/login.ts, src/a/session.ts, src/b/tokens.ts and src/b/users.ts: put storage behind an ' +
          'interface, replace callbacks everywhere and keep the public API backwards compatible.',
      ),
    );
    expect(verdict.category).toBe('refactor');
    expect(named(verdict, 'files')).toMatchObject({ value: 4, complexity: 18 });
    expect(named(verdict, 'hard-words')?.complexity).toBeGreaterThan(5);
    expect(tierFor(verdict.complexity)).toBe('premium');
  });
});

describe('what is wanted decides, not what is shown', () => {
  const error = '\n\n```\nTypeError: x is not a function\n    at main (src/a.ts:3:1)\n```';
  const code = '\n\n```js\nconst f = (a) => a + 1;\n```';
  test.each([
    [`Explain this error:${error}`, 'explain'],
    [`Fix this error:${error}`, 'debug'],
    [`What does this function do?${code}`, 'explain'],
    [`Review this function.${code}`, 'code_review'],
    [`Write tests for this function.${code}`, 'code_gen'],
    [`Simplify this function.${code}`, 'refactor'],
    [`Why does it return NaN?${code}`, 'debug'],
    ["Don't fix anything yet, just explain how it works.", 'explain'],
    ['Write a story about a programmer who has to fix a bug.', 'other'],
    ['Translate to German: "Please refactor the module and fix the bug."', 'other'],
    ['Fix the spelling in this letter: "Deer Sir, I has recieved it."', 'other'],
  ])('%s', (text, category) => {
    expect(categoryOf(text)).toBe(category);
  });

  test('a question in one line is heard after a long log', () => {
    const log = Array.from({ length: 2_000 }, (_, index) => `2025-01-01 10:00:00 INFO request ${index} done`);
    log[1_200] = '2025-01-01 10:00:00 ERROR connect ECONNREFUSED';
    const verdict = classifyTask(asking(`${log.join('\n')}\n\nWhy did it stop?`));
    expect(verdict.category).toBe('debug');
    expect(named(verdict, 'ask')?.value).toBe('why');
  });

  test('an order is heard before and after a long file, and its code is no prose', () => {
    const file = `\`\`\`ts\n${'export const explainWhy = () => review(write(poem));\n'.repeat(1_000)}\`\`\``;
    expect(categoryOf(`Refactor this.\n${file}`)).toBe('refactor');
    expect(categoryOf(`${file}\nRefactor this.`)).toBe('refactor');
  });
});

describe('the rest of a conversation', () => {
  const history = (...texts: string[]): ModelRequest => ({
    model: 'auto',
    messages: texts
      .flatMap((text): Message[] => [said(text), { role: 'assistant', content: [] }])
      .slice(0, -1),
  });

  test('gives a short answer its meaning', () => {
    expect(categoryOf('Yes, go ahead.')).toBe('other');
    expect(
      classifyTask(history('Refactor the session module in src/session.ts.', 'Yes, go ahead.')).category,
    ).toBe('refactor');
  });

  test('weighs less than the newest message', () => {
    expect(classifyTask(history('Refactor src/session.ts.', 'What is the capital of Peru?')).category).toBe(
      'simple_qa',
    );
  });

  test('makes it harder: turns, tools, results, images, a long system prompt, the effort asked for', () => {
    const plain = asking('Write a function that adds two numbers.');
    const tool = { type: 'function', name: 'lookup', inputSchema: { type: 'object' } } as const;
    const result = {
      type: 'tool-result',
      toolCallId: '1',
      toolName: 'lookup',
      output: { type: 'text', value: 'ok' },
    } as const;
    const image = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } } as const;
    const harder: readonly ModelRequest[] = [
      { ...plain, messages: [said('Hello'), ...plain.messages] },
      { ...plain, tools: [tool] },
      { ...plain, messages: [...plain.messages, { role: 'tool', content: [result, result] }] },
      {
        ...plain,
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'Write a function that adds two numbers.' }, image],
          },
        ],
      },
      { ...plain, messages: [{ role: 'system', content: 'Be careful. '.repeat(200) }, ...plain.messages] },
      { ...plain, reasoning: 'high' },
      { ...plain, responseFormat: { type: 'json' } },
    ];
    const { complexity } = classifyTask(plain);
    for (const request of harder) expect(classifyTask(request).complexity).toBeGreaterThan(complexity);
  });

  test('tips the scales where the message is open: the role that the system prompt gives', () => {
    const message = said('src/a.ts and src/b.ts, please.');
    const system: Message = { role: 'system', content: 'You are a code reviewer.' };
    expect(classifyTask({ model: 'auto', messages: [system, message] }).category).toBe('code_review');
    expect(classifyTask({ model: 'auto', messages: [message] }).category).not.toBe('code_review');
  });

  test('may be missing', () => {
    expect(classifyTask({ model: 'auto', messages: [] })).toMatchObject({ category: 'other', confidence: 0 });
  });
});

describe('every verdict', () => {
  const word = fc.constantFrom(
    ...'write fix refactor review explain why what how the a bug test function poem src/a.ts ? . " ``` \n and not'.split(
      ' ',
    ),
    '\n',
    '\n```\n',
    '请重构',
    'const a = 1;\n',
    '@@ -1 +1 @@\n',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
  );
  const request = fc.tuple(fc.array(text, { maxLength: 5 }), fc.option(text, { nil: undefined })).map(
    ([texts, system]): ModelRequest => ({
      model: 'auto',
      messages: [
        ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
        ...texts.map(said),
      ],
    }),
  );

  test('follows from its signals alone, and is the same for the same request', () => {
    fc.assert(
      fc.property(request, (given) => {
        const verdict = classifyTask(given);
        expect(classifyTask(structuredClone(given))).toEqual(verdict);
        const { category, complexity, confidence, signals } = verdict;
        const points = (of: (typeof TASK_CATEGORIES)[number]): number =>
          signals.reduce((sum, { effects }) => sum + (effects[of] ?? 0), 0);
        const best = Math.max(...TASK_CATEGORIES.map(points));
        if (best > 0) expect(points(category)).toBe(best);
        else expect(category).toBe('other');
        const sum = signals.reduce((total, signal) => total + signal.complexity, 0);
        expect(complexity).toBe(Math.min(100, Math.max(0, Math.round(sum))));
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('holds no text of the request but words of the lexicon', () => {
    const own = new Set<string>(['', ...TASK_CATEGORIES]);
    fc.assert(
      fc.property(request, ({ messages }) => {
        for (const { name, value } of classifyTask({ model: 'auto', messages }).signals) {
          if (typeof value === 'string' && name !== 'system-role' && !own.has(value))
            expect(meaningOf(value)).toBeDefined();
        }
      }),
    );
    const canary = 'sk-canary-0123456789error';
    const verdict = classifyTask(asking(`${canary} fails with ${canary}? Why ${canary}: ${canary}?`));
    expect(JSON.stringify(verdict)).not.toContain('canary');
  });

  test('does not depend on politeness, case or white space', () => {
    for (const { text: prompt, category } of TUNING.slice(0, 40)) {
      if (categoryOf(prompt) !== category) continue;
      expect([prompt, categoryOf(`\n  ${prompt}\n\n`)]).toEqual([prompt, category]);
      expect([prompt, categoryOf(`Hello,\n${prompt}`)]).toEqual([prompt, category]);
    }
  });

  test('reads the begin and the end of a long message and not its middle', () => {
    const filler = 'Lorem ipsum dolor sit amet.\n';
    const long = (middle: string): ModelRequest =>
      asking(`Explain this text.\n${filler.repeat(1_000)}${middle}${filler.repeat(1_000)}`);
    const strip = ({ signals }: TaskVerdict) => signals.filter(({ name }) => name !== 'tokens');
    expect(strip(classifyTask(long('Refactor src/a.ts!\n')))).toEqual(strip(classifyTask(long(''))));
  });
});
