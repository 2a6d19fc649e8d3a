import { describe, expect, test } from 'vitest';
import { CODE, outputsOf, results } from '../../test/tool-results.js';
import type { Message, ToolResultOutput } from '../model/message.js';
import { type CompressionStage, code, compress, deduplicate, expand, normalise, symbols } from './index.js';

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

  test('lines that differ in where they have a NUL are not the same', () => {
    const lines = Array.from({ length: 6 }, (_, line) =>
      line % 2 === 0 ? 'the value \0 is not 7 in this line' : 'the value 7 is not \0 in this line',
    ).join('\n');
    expect(run(deduplicate(), lines)).toEqual([lines]);
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

  test('a tag that is not closed is open to the end, but not where it is only mentioned', () => {
    const rest = 'a   \nb   ';
    expect(run(normalise(), `c   \n<file path="a">\n${rest}`)).toEqual([`c\n<file path="a">\n${rest}`]);
    expect(run(normalise(), `use "git add <file>..."   \n${rest}`)).toEqual([
      'use "git add <file>..."\na\nb',
    ]);
    expect(run(normalise(), `add <file>   \n<context>\n${rest}</context>`)).toEqual([
      `add <file>\n<context>\n${rest}</context>`,
    ]);
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
