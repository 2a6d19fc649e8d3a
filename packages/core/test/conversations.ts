import fc from 'fast-check';
import type { AssistantPart, Message } from '../src/model/index.js';

/** Few different lines, so that they repeat; among them what looks like the compressor's own marks. */
const LINES = [
  'import { createServer } from "node:http";',
  'const answer = await gateway.chat({ model: "openai:gpt-4o", prompt });',
  '    return self.fields[name].deserialize(value, attr, data, **kwargs)',
  '  ',
  '',
  '\t',
  '}',
  'Requirement already satisfied: pytest in /opt/miniconda3/envs/testbed/lib/python3.9/site-packages (8.3.3)',
  'Requirement already satisfied: tox in /opt/miniconda3/envs/testbed/lib/python3.9/site-packages (4.23.2)',
  '/home/user/projects/spotter-worktrees/spotter-0rt/lib/spotter_web/router.ex',
  '/home/user/projects/spotter-worktrees/spotter-0rt/lib/spotter_web/endpoint.ex   ',
  '2026-03-01 10:15:02 ERROR worker 7 could not reach https://example.com/a?b=1&c=2 after 30 s',
  'test 1 of 40 passed',
  'test 2 of 40 passed',
  'test 3 of 40 passed',
  'test 4 of 40 passed',
  'test 5 of 40 passed',
  '[ref:block:ab12 lines 1-9 as above]',
  '[ref:block:ab12]',
  '[ref:turns:ab12 3 earlier turns left out]',
  '[sym:§1=/home/user/projects/spotter]',
  '§1/lib is section 1, § 2',
  '[code block: 12 lines of main.ts]',
  '• a point of a list, and more of it',
  '```ts',
  '```',
  '@@ -1,4 +1,5 @@ class TimeDelta(Field):',
  'Ünïcödé 世界 🎉 stays as it is, whatever happens to the rest of this line',
  '<context>',
  'The open file is src/main.ts, and this line of it must stay.  ',
  '</context>',
  '\ud800 a lonely half of a letter\r',
];

const line = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...LINES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);
const lines = fc.array(line, { maxLength: 24 });

/** A file, and views of it that are numbered in one of the usual ways from some line on. */
const FILE = Array.from({ length: 30 }, (_, index) =>
  index % 7 === 3 ? '' : `  const value${index} = compute(${index * 3}, options.depth - ${index % 4});`,
);
const view = fc
  .record({
    from: fc.nat(20),
    length: fc.integer({ min: 1, max: 20 }),
    shift: fc.nat(3),
    sign: fc.constantFrom('→', ':', '\t', '|'),
    width: fc.constantFrom(0, 6),
    changed: fc.nat(29),
  })
  .map(({ from, length, shift, sign, width, changed }) =>
    FILE.slice(from, from + length)
      .map((text, index) => {
        const number = String(from + index + 1 + shift).padStart(width);
        return `${number}${sign}${from + index === changed ? `${text} // changed` : text}`;
      })
      .join('\n'),
  );
const json = fc
  .array(
    fc.record({
      origin: fc.constantFrom('DEN', 'IAH'),
      price: fc.double(),
      name: fc.constantFrom('"', '\\', 'a'),
    }),
  )
  .map((value) => JSON.stringify(value, null, 2));

const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: lines.map((parts) => parts.join('\n')) },
  { weight: 3, arbitrary: view },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: fc.tuple(lines, view, lines).map(([a, b, c]) => [...a, b, ...c].join('\n')) },
  { weight: 1, arbitrary: lines.map((parts) => parts.join('')) },
);

interface Step {
  readonly kind: 'user' | 'system' | 'say' | 'call';
  readonly texts: readonly string[];
  readonly signed: boolean;
  readonly output: 'text' | 'json' | 'content' | 'error-text';
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('user', 'system', 'say', 'call', 'call', 'call'),
  texts: fc.array(text, { minLength: 1, maxLength: 2 }),
  signed: fc.boolean(),
  output: fc.constantFrom('text', 'text', 'json', 'content', 'error-text'),
});

/** Conversations of all kinds: agents with tools, agents that read a console, people who talk. */
export const conversation: fc.Arbitrary<Message[]> = fc
  .array(step, { minLength: 1, maxLength: 16 })
  .map((steps) => steps.flatMap(toMessages));

const toMessages = ({ kind, texts, signed, output }: Step, index: number): Message[] => {
  const [first = ''] = texts;
  const parts = texts.map((value) => ({ type: 'text', text: value }) as const);
  if (kind === 'system') return [{ role: 'system', content: first }];
  if (kind === 'user') return [{ role: 'user', content: parts }];
  const reasoning: AssistantPart = {
    type: 'reasoning',
    text: 'I think  \n\n\nso.',
    providerMetadata: { anthropic: { signature: `signature-${index}` } },
  };
  const said = [...(signed ? [reasoning] : []), ...parts.slice(0, 1)];
  if (kind === 'say') return [{ role: 'assistant', content: said }];
  const toolCallId = `call-${index}`;
  const call = {
    type: 'tool-call',
    toolCallId,
    toolName: 'read',
    input: { path: 'src/main.ts', body: first },
  } as const;
  return [
    { role: 'assistant', content: [...said, call] },
    {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId, toolName: 'read', output: toOutput(output, texts) }],
    },
  ];
};

type Output = Extract<Message, { role: 'tool' }>['content'][number]['output'];

const toOutput = (type: Step['output'], texts: readonly string[]): Output => {
  const [first = ''] = texts;
  if (type === 'json') return { type, value: { stdout: texts, exitCode: 0, note: [null, true, 1.5] } };
  if (type === 'content') return { type, value: texts.map((value) => ({ type: 'text', text: value })) };
  return { type, value: first };
};
