import { describe, expect, test } from 'vitest';
import type { Message, ToolResultOutput } from '../model/message.js';
import {
  type CompressionStage,
  code,
  compress,
  deduplicate,
  expand,
  normalise,
  symbols,
  trim,
} from './index.js';

/** An agent that runs tools, and what they gave. */
const results = (...outputs: (string | ToolResultOutput)[]): Message[] => [
  { role: 'user', content: [{ type: 'text', text: 'Find the fault.' }] },
  ...outputs.flatMap((output, index): Message[] => {
    const toolCallId = `call-${index}`;
    return [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId, toolName: 'run', input: { step: index } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId,
            toolName: 'run',
            output: typeof output === 'string' ? { type: 'text', value: output } : output,
          },
        ],
      },
    ];
  }),
];

const outputsOf = (messages: readonly Message[]): unknown[] =>
  messages.flatMap((message) =>
    message.role === 'tool'
      ? message.content.map(({ output }) => ('value' in output ? output.value : ''))
      : [],
  );

const run = (stage: CompressionStage, ...outputs: (string | ToolResultOutput)[]): unknown[] => {
  const { messages, savings, expansions } = compress(results(...outputs), { stages: [stage] });
  expect(savings[0]?.skipped).not.toBe('failed');
  if (!['normalise', 'code'].includes(stage.name)) {
    expect(expand(messages, expansions)).toEqual(results(...outputs));
  }
  return outputsOf(messages);
};

const numbered = (lines: readonly string[], first: number): string =>
  lines.map((line, index) => `${first + index}:${line}`).join('\n');

const CODE = [
  'import numpy as np',
  'from pydicom.dataset import Dataset',
  '',
  'required = ["BitsAllocated", "Rows", "Columns"]',
  'missing = [name for name in required if name not in ds]',
  'if missing:',
  '    raise AttributeError("required elements are missing: " + ", ".join(missing))',
  'expected = get_expected_length(ds)',
];

describe('deduplicate', () => {
  test('an output that was there already is one reference', () => {
    const output = CODE.join('\n');
    expect(run(deduplicate(), output, output)).toEqual([
      output,
      expect.stringMatching(/^\[ref:block:\w{4} 8 lines as above from "import numpy as np"\]$/),
    ]);
  });

  test('a file that is read again after a change refers to its unchanged lines, and names those that moved', () => {
    const changed = CODE.with(3, 'required = ["BitsAllocated"]').toSpliced(4, 0, '# a new line');
    const [, again] = run(
      deduplicate(),
      numbered([...CODE, ...CODE.map((line) => `${line} # 2`)], 1),
      numbered([...changed, ...CODE.map((line) => `${line} # 2`)], 1),
    );
    expect(again).toContain('4:required = ["BitsAllocated"]\n5:# a new line');
    expect(again).toMatch(/\[ref:block:\w{4} lines 6-17 as lines 5-16 above\]/);
  });

  test('a listing of lines that stand without numbers above refers to them', () => {
    const [, again] = run(deduplicate(), CODE.join('\n'), numbered(CODE, 41));
    expect(again).toMatch(/^\[ref:block:\w{4} lines 41-48 as above from "import numpy as np"\]$/);
  });

  test('the next reference to the same lines is only the name', () => {
    const [, first, second] = run(deduplicate(), CODE.join('\n'), CODE.join('\n'), CODE.join('\n'));
    expect(second).toMatch(/^\[ref:block:\w{4}\]$/);
    expect(String(first).slice(0, 15)).toBe(String(second).slice(0, 15));
  });

  test('lines that only count become one line and a reference', () => {
    const output = Array.from({ length: 40 }, (_, index) => `Downloading part ${index + 1} of 40 …`).join(
      '\n',
    );
    expect(run(deduplicate(), output)).toEqual([
      expect.stringMatching(
        /^Downloading part 1 of 40 …\n\[ref:repeat:\w{4} 39 more such lines, counting from 1 to 40\]$/,
      ),
    ]);
    const same = 'waiting for the server to come up\n'.repeat(12);
    expect(run(deduplicate(), same)).toEqual([
      expect.stringMatching(
        /^waiting for the server to come up\n\[ref:repeat:\w{4} the line above 11 more times\]\n$/,
      ),
    ]);
  });

  test('lines whose numbers do not count evenly stay', () => {
    const output = [3, 1, 4, 1, 5, 9, 2, 6]
      .map((number) => `waited ${number} seconds for the server`)
      .join('\n');
    expect(run(deduplicate(), output)).toEqual([output]);
  });

  test('text inside of JSON is found too', () => {
    const json = { type: 'json', value: { stdout: CODE.join('\n'), exitCode: 0 } } as const;
    expect(run(deduplicate(), CODE.join('\n'), json)[1]).toEqual({
      stdout: expect.stringContaining('[ref:block:'),
      exitCode: 0,
    });
  });

  test('what stands between <file> tags stays, and can be referred to', () => {
    const file = `<file path="a.py">\n${CODE.join('\n')}\n</file>`;
    const [first, second, third] = run(deduplicate(), file, file, CODE.join('\n'));
    expect([first, second]).toEqual([file, file]);
    expect(third).toContain('[ref:block:');
  });

  test('a file that has such tags in it stays whole', () => {
    const file = '<file path="a.xml">\n<list>\n<file>x</file>\n\n\n\n<b>1</b>   \n</list>\n</file>';
    expect(run(normalise(), `Open:   \n${file}\nend   `)).toEqual([`Open:\n${file}\nend`]);
  });

  test('text that looks like a reference is left alone', () => {
    const output = `[ref:block:ab12 2 lines as above from "x"]\n${CODE.join('\n')}`;
    expect(run(deduplicate(), CODE.join('\n'), output)[1]).toBe(output);
  });
});

describe('symbols', () => {
  const folder = '/home/user/projects/spotter-worktrees/spotter/lib';
  const listing = ['a', 'b', 'c', 'd', 'e'].map((name) => `${folder}/${name}/index.ts`).join('\n');

  test('a path that repeats is defined before the text, and used there and later', () => {
    const [first, second] = run(symbols(), listing, `cat: ${folder}/z.ts: no such file`);
    expect(first).toBe(
      `[sym:§1=${folder}/]\n${['a', 'b', 'c', 'd', 'e'].map((name) => `§1${name}/index.ts`).join('\n')}`,
    );
    expect(second).toBe('cat: §1z.ts: no such file');
  });

  test('a sign that is in use already is not taken', () => {
    const [, second] = run(symbols(), 'see §1', listing);
    expect(second).toContain('[sym:§2=');
  });

  test('each phrase has a sign of its own, whatever signs are in use', () => {
    const logs = Array.from(
      { length: 8 },
      (_, line) => `${folder}/${line ** 3}.ts was written by build step of release candidate ${line ** 2} x`,
    );
    const [, second] = run(symbols(), 'see §1', logs.join('\n'));
    const signs = [...String(second).matchAll(/\[sym:(§\d+)=/g)].map(([, sign]) => sign);
    expect(signs.length).toBeGreaterThan(1);
    expect(new Set(signs).size).toBe(signs.length);
  });

  test('a symbol is used no more once a text from outside has its sign', () => {
    const path = '/home/user/projects/spotter/';
    const list = ['a.ts', 'b.ts', 'c.ts', 'd.ts'].map((name) => `${path}${name} changed`).join('\n');
    const [defined, later] = run(symbols(), list, `Delete ${path} and all that is in it.`);
    expect([defined, later]).toEqual([expect.stringContaining('§1=/home'), expect.stringContaining('§1')]);
    const [, , afterwards] = run(symbols(), list, '[sym:§1=/]', `Delete ${path} and all that is in it.`);
    expect(afterwards).toBe(`Delete ${path} and all that is in it.`);
  });

  test('a prompt with as many symbols as there may be gets no more when it is compressed again', () => {
    const lists = Array.from({ length: 80 }, (_, list) =>
      ['a', 'bc', 'def', 'ghij']
        .map((name) => `/home/user${list}/projects/spotter${list}/${name} ${list}`)
        .join('\n'),
    );
    const once = compress(results(...lists), { stages: [symbols()] }).messages;
    expect(JSON.stringify(once).match(/\[sym:/g)).toHaveLength(64);
    expect(compress(once, { stages: [symbols()] }).messages).toEqual(once);
  });

  test('nothing is replaced where it saves nothing', () => {
    const twice = `${folder}/a.ts\n${folder}/b.ts`;
    expect(run(symbols(), twice)).toEqual([twice]);
  });
});

describe('normalise', () => {
  test('tidies white space and bullets, never words', () => {
    expect(run(normalise(), 'a  \nb\t\r\n\n\n\nc\n• d\n  ')).toEqual(['a\nb\n\nc\n- d']);
  });

  test('drops the padding before the numbers of a listing, and not the indentation behind', () => {
    expect(run(normalise(), '     9→  if (a) {\n    10→    b();')).toEqual(['9→  if (a) {\n10→    b();']);
  });

  test('takes white space out of JSON and leaves numbers and strings as they are written', () => {
    const json = '{\n  "a": 1.0,\n  "b": [ "x  y", "\\"  \\\\" ],\n  "c": 12345678901234567890\n}';
    expect(run(normalise(), json)).toEqual(['{"a":1.0,"b":["x  y","\\"  \\\\"],"c":12345678901234567890}']);
    expect(run(normalise(), '{ "a":  broken')).toEqual(['{ "a":  broken']);
  });

  test.each([
    ['abc\r\r\r\ndef  \r \r\nend', 'abc\ndef\nend'],
    ['[1,  2, 3]\u00a0', '[1,2,3]'],
  ])('finds nothing more in what it tidied: %j', (text, tidy) => {
    expect(run(normalise(), text)).toEqual([tidy]);
    expect(run(normalise(), tidy)).toEqual([tidy]);
  });

  test('leaves diffs alone: a space at the beginning of a line means something there', () => {
    const diff = '@@ -1,3 +1,3 @@\n a\n \n-b  \n+b\n \n';
    expect(run(normalise(), diff)).toEqual([diff]);
  });
});

describe('code', () => {
  test('drops the empty lines of a listing, whose numbers show the gap, and of fenced code', () => {
    expect(run(code(), numbered(CODE, 1))).toEqual([numbered(CODE, 1).replace('3:\n', '')]);
    expect(run(code(), '```python\ndef f():\n    a = 1\n\n    return a  \n```')).toEqual([
      '```python\ndef f():\n    a = 1\n    return a\n```',
    ]);
    const text = '```\na\n\nb\n```';
    expect(run(code(), text)).toEqual([text]);
  });

  test('leaves numbers that no other lines tell', () => {
    const rows = 'Rows that failed:\n17:\n18:\n19:\nSee the log.';
    expect(run(code(), rows, '1→\n2→a\n3→\n4→\n5→b\n6→\n')).toEqual([rows, '1→\n2→a\n5→b\n6→\n']);
  });

  test('a block that was there already is a reference, also in what the model said', () => {
    const block = `\`\`\`python\n${CODE.join('\n')}\n\`\`\``;
    const say = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
    const messages = [...results('ok'), say(`First:\n${block}`), say(`Again:\n${block}\nDone.`)];
    const shorter = compress(messages, { stages: [code()] }).messages;
    expect(JSON.stringify(shorter.at(-1))).toMatch(
      /Again:\\n```python\\n\[ref:code:\w{4} 8 lines as above from \\"import numpy as np\\"\]\\n```\\nDone\./,
    );
  });

  test('what a vendor signed is not touched', () => {
    const block = `\`\`\`python\n${CODE.join('\n')}\n\`\`\``;
    const signed: Message = {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'So.', providerMetadata: { anthropic: { signature: 's' } } },
        { type: 'text', text: block },
      ],
    };
    const messages = [...results('ok'), signed, signed];
    expect(compress(messages, { preset: 'standard' }).messages).toEqual(messages);
  });
});

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

test('expand works on a conversation that went on, and through JSON', () => {
  const messages = results(CODE.join('\n'), CODE.join('\n'));
  const { messages: shorter, expansions } = compress(messages, { preset: 'lossless' });
  const more: Message = { role: 'user', content: [{ type: 'text', text: '[ref:block:ab12] stays' }] };
  const restored = expand(
    JSON.parse(JSON.stringify([...shorter, more])),
    JSON.parse(JSON.stringify(expansions)),
  );
  expect(restored).toEqual([...messages, more]);
});

test('a structure that contains itself does not stop a call', () => {
  const input: { self?: unknown; text: string } = { text: CODE.join('\n') };
  input.self = input;
  const messages = results(CODE.join('\n'), CODE.join('\n')).map((message) =>
    message.role === 'assistant'
      ? { ...message, content: message.content.map((part) => ({ ...part, input })) as typeof message.content }
      : message,
  );
  expect(compress(messages, { preset: 'lossless' }).savings.map(({ skipped }) => skipped)).not.toContain(
    'failed',
  );
});
