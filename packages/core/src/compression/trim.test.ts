import { describe, expect, test } from 'vitest';
import { CODE, outputsOf, results } from '../../test/tool-results.js';
import type { Message } from '../model/message.js';
import { compress, expand, trim } from './index.js';

describe('trim', () => {
  const long = (name: string): string =>
    [
      `file ${name}`,
      ...Array.from({ length: 60 }, (_, line) => `${name} says ${line ** 3} in line ${line}`),
      'Error: out of paper',
      'done',
    ].join('\n');
  const small = {
    overTokens: 2_000,
    stepTokens: 200,
    wholeTurns: 2,
    keptTurns: 4,
    edgeLines: 1,
    landmarks: 3,
  };
  const many = results(...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(long));

  test('keeps the newest turns whole, shortens older ones by their structure, leaves out the oldest', () => {
    const { messages, expansions } = compress(many, { stages: [trim(small)] });
    const outputs = outputsOf(messages);
    expect(outputs.slice(-2)).toEqual([long('f'), long('g')]);
    expect(outputs).toHaveLength(4);
    expect(outputs[0]).toMatch(/^file d\n\[ref:text:\w{4} 60 lines left out\]\nError: out of paper\ndone$/);
    expect(messages[0]).toEqual(many[0]);
    expect(messages[1]).toEqual({
      role: 'assistant',
      content: [
        {
          type: 'text',
          text: expect.stringMatching(/^\[ref:turns:\w{4} 3 earlier turns left out: run 3×\]$/),
        },
      ],
    });
    expect(expand(messages, expansions)).toEqual(many);
  });

  test('refuses limits that are none', () => {
    expect(() => trim({ overTokens: Number.NaN })).toThrow(
      '`overTokens` of trim must be a number of at least 0.',
    );
    expect(() => trim({ wholeTurns: -1 })).toThrow('`wholeTurns`');
  });

  test('does nothing below the limit', () => {
    const { messages, savings } = compress(many, { stages: [trim()] });
    expect(messages).toEqual(many);
    expect(savings[0]?.skipped).toBe('nothing');
  });

  test('code in what the model said becomes a note of what it was', () => {
    const said: Message = {
      role: 'assistant',
      content: [
        {
          type: 'text',
          text: `I write \`src/read.py\`:\n\nsrc/read.py\n\`\`\`python\n${CODE.join('\n')}\n\`\`\``,
        },
      ],
    };
    const messages = [said, ...many.slice(5)];
    const { messages: shorter, expansions } = compress(messages, {
      stages: [trim({ ...small, keptTurns: 9 })],
    });
    expect(JSON.stringify(shorter[0])).toContain('```python\\n[code block: 8 lines of src/read.py]\\n```');
    expect(expand(shorter, expansions)).toEqual(messages);
  });

  test('a turn that shows an open file is never left out', () => {
    const messages = results(
      `<file path="a">\n${long('a')}\n</file>`,
      ...['b', 'c', 'd', 'e', 'f', 'g'].map(long),
    );
    const { messages: shorter } = compress(messages, { stages: [trim(small)] });
    expect(outputsOf(shorter)[0]).toBe(`<file path="a">\n${long('a')}\n</file>`);
  });
});

test('a turn that the model reasoned in, and that shows an open file, is never left out', () => {
  const file = '<file path="x.ts">export const x = 1;</file>';
  const [question, ...turns] = results(
    ...Array.from({ length: 20 }, (_, turn) => `${CODE.join(`${turn}\n`)}`),
  );
  const { messages } = compress(
    [
      ...(question === undefined ? [] : [question]),
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: file },
        ],
      },
      ...turns,
    ],
    { stages: [trim({ overTokens: 200, stepTokens: 50 })] },
  );
  expect(JSON.stringify(messages)).toContain('[ref:turns:');
  expect(JSON.stringify(messages)).toContain(JSON.stringify(file));
});

test('turns that are many and small are left out', () => {
  const { messages } = compress(
    results(...Array.from({ length: 2_000 }, (_, step) => `Step ${step} is done.`)),
    {
      stages: [trim({ overTokens: 4_000 })],
    },
  );
  expect(messages.length).toBeLessThan(400);
});

test('a turn stays where an id stands for two calls and only one result is there', () => {
  const [question, first, second, ...turns] = results(
    ...Array.from({ length: 20 }, (_, turn) => CODE.map((line) => `${line} # ${turn}`).join('\n')),
  );
  if (question === undefined || first?.role !== 'assistant' || second === undefined)
    throw new Error('no turn');
  const twice: Message = { ...first, content: [...first.content, ...first.content] };
  const { messages } = compress([question, twice, second, ...turns], {
    stages: [trim({ overTokens: 200, stepTokens: 50 })],
  });
  expect(messages[1]).toEqual(twice);
  expect(messages[2]).toMatchObject({ role: 'tool' });
  expect(JSON.stringify(messages[3])).toContain('[ref:turns:');
});

test('a turn in which a tag is only mentioned is left out as any other', () => {
  const status = (turn: number): string =>
    `On branch main\n  (use "git add <file>..." to include it)\n${CODE.map((line) => `${line} # ${turn}`).join('\n')}`;
  const { messages } = compress(results(...Array.from({ length: 20 }, (_, turn) => status(turn))), {
    stages: [trim({ overTokens: 200, stepTokens: 50 })],
  });
  expect(JSON.stringify(messages)).toContain('[ref:turns:');
});
