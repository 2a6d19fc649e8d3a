import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asking } from '../../../test/classify/requests.js';
import type { ModelRequest } from '../../model/model-request.js';
import type { TaskCategory } from '../classify/task-verdict.js';
import type { Rating } from '../feedback/rating.js';
import { combineVerdicts, EVIDENCE_WEIGHTS, verdictOf } from './combine-verdicts.js';
import { evaluateReply } from './evaluate-reply.js';
import type { Evidence, EvidenceSource } from './evidence.js';
import type { EvaluatedReply } from './reply-evidence.js';

const replied = (text: string, changes: Partial<EvaluatedReply> = {}): EvaluatedReply => ({
  text,
  refusal: undefined,
  toolCalls: [],
  finishReason: 'stop',
  ...changes,
});
const faults = (
  reply: EvaluatedReply,
  category?: TaskCategory,
  request: ModelRequest = asking('Hello'),
): string[] => evaluateReply({ reply, category, request }).signals.map(({ name }) => name);

const CODE = 'Here it is:\n\n```ts\nexport const add = (a: number, b: number): number => a + b;\n```';
const PROSE = 'You add the two numbers and give back their sum; the types follow from that. '.repeat(3);

describe('the looks of a reply', () => {
  test('that has no fault speak for it', () => {
    const verdict = evaluateReply({
      reply: replied(CODE),
      category: 'code_gen',
      outcome: { status: 'success' },
    });
    expect(verdict).toMatchObject({ success: true, score: expect.closeTo(0.733, 3) });
    expect(verdict.signals.map(({ name }) => name)).toEqual(['arrived', 'faultless']);
  });

  test.each<[string, EvaluatedReply, TaskCategory | undefined]>([
    ['empty', replied('  \n'), undefined],
    ['too-short', replied('Yes.'), 'explain'],
    ['code-absent', replied(PROSE), 'code_gen'],
    ['code-absent', replied(PROSE), 'refactor'],
    ['refusal', replied('', { refusal: 'No.' }), undefined],
    ['refusal', replied("I'm sorry, but I can’t help with that."), undefined],
    ['content-filter', replied('And then', { finishReason: 'content-filter' }), undefined],
    ['truncated', replied(PROSE, { finishReason: 'length' }), undefined],
    ['repetition', replied(`It is as follows: ${'and so on and on '.repeat(60)}`), undefined],
  ])('show that it is %s', (fault, reply, category) => {
    const verdict = evaluateReply({ reply, category, outcome: { status: 'success' } });
    expect(verdict.signals.map(({ name }) => name)).toContain(fault);
    expect(verdict.success).toBe(false);
  });

  test('do not count against a short answer to a short question', () => {
    expect(faults(replied('4'), 'simple_qa')).toEqual(['faultless']);
  });

  test('do not count against a reply whose task is not known', () => {
    expect(faults(replied('Yes.'))).toEqual(['faultless']);
  });

  test('do not count against an agent that works with its tools', () => {
    const tools = [{ type: 'function', name: 'edit', inputSchema: { type: 'object' } }] as const;
    const request = { ...asking('Write a function.'), tools };
    const toolCalls = [{ type: 'tool-call', toolCallId: '1', toolName: 'edit', input: {} }] as const;
    expect(faults(replied('', { toolCalls, finishReason: 'tool-calls' }), 'code_gen', request)).toEqual([
      'faultless',
    ]);
    expect(faults(replied('I have added it to the file that you named.'), 'code_gen', request)).toEqual([
      'faultless',
    ]);
  });

  test('show a tool call that was demanded and did not come', () => {
    const request: ModelRequest = { ...asking('Look it up.'), toolChoice: { type: 'required' } };
    expect(faults(replied('It is 4.'), 'simple_qa', request)).toEqual(['tool-call-absent']);
  });

  test('are those of JSON where JSON was asked for', () => {
    const request: ModelRequest = { ...asking('List them.'), responseFormat: { type: 'json' } };
    expect(faults(replied('{}'), 'explain', request)).toEqual(['faultless']);
    expect(faults(replied('{"a": 1'), 'other', request)).toEqual(['broken-json']);
    expect(faults(replied('```json\n{}\n```'), 'other', request)).toEqual(['broken-json']);
  });

  test('do not count a cut against a reply that was to be tiny', () => {
    const request: ModelRequest = { ...asking('Say yes or no.'), maxOutputTokens: 1 };
    expect(faults(replied('Yes', { finishReason: 'length' }), 'simple_qa', request)).toEqual(['faultless']);
  });
});

describe('a refusal', () => {
  test.each([
    "I can't help with that.",
    'I’m sorry, but I cannot assist with this request.',
    "Unfortunately, I'm unable to provide instructions for that.",
    'As an AI language model, I cannot create such content.',
    "I apologize, but I won't be able to help with this.",
    'I must decline.',
    'Es tut mir leid, aber ich kann dabei nicht helfen.',
    'Je suis désolé, mais je ne peux pas vous aider.',
    'Lo siento, pero no puedo ayudarte con eso.',
    '很抱歉，我无法提供这些内容。',
  ])('is %j', (text) => {
    expect(faults(replied(text))).toEqual(['refusal']);
  });

  test.each([
    "I'm sorry for the confusion. The right answer is 42.",
    "I can't see any bug in this code; it looks right.",
    'I cannot recommend this library enough. Its API is small and its tests are good.',
    'The server says "I can\'t help with that", which is its message for an unknown route.',
    'To refuse politely, say: I cannot help with that.',
    `I can't help but notice that this is quadratic.\n\n${CODE}`,
    `I can't provide a date, but this is how to find out. ${PROSE.repeat(3)}`,
  ])('is not %j', (text) => {
    expect(faults(replied(text))).not.toContain('refusal');
  });
});

describe('a loop', () => {
  const ruler = `| a | b |\n|${'-'.repeat(800)}|`;
  const table = Array.from(
    { length: 60 },
    (_, index) => `| row ${index} | the value of it is ${index * 7} |`,
  );
  test.each([
    ['a ruler', ruler],
    ['a table', table.join('\n')],
    ['a word said a few times', 'no no no no no no no no no'],
    ['code', CODE.repeat(3)],
  ])('is not %s', (_name, text) => {
    expect(faults(replied(text))).not.toContain('repetition');
  });

  test('is the same lines with something between them', () => {
    const lines = Array.from(
      { length: 30 },
      (_, index) => `${index}\nI will now look at the file again to be sure.`,
    );
    expect(faults(replied(`${lines.join('\n')}\nThat is all that I have found so far.`))).toContain(
      'repetition',
    );
  });

  test('is found whatever came before and however long the unit is', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc
          .string({ unit: 'grapheme-ascii', minLength: 2, maxLength: 300 })
          .filter((unit) => /[a-z]{2}/i.test(unit)),
        (before, unit) => {
          const times = Math.max(12, Math.ceil(600 / unit.length));
          expect(faults(replied(`x${before}${unit.repeat(times)}x`.slice(0, -1)))).toContain('repetition');
        },
      ),
    );
  });
});

describe('the end of a call', () => {
  test.each([
    [{ status: 'error', errorCode: 'SERVER_ERROR' }, false],
    [{ status: 'error', errorCode: 'TIMEOUT' }, false],
    [{ status: 'error', errorCode: null }, false],
    [{ status: 'interrupted' }, false],
    [{ status: 'retried', errorCode: 'RATE_LIMITED' }, false],
    [{ status: 'success' }, true],
    [{ status: 'cancelled' }, undefined],
    [{ status: 'error', errorCode: 'MISSING_KEY' }, undefined],
    [{ status: 'error', errorCode: 'BAD_REQUEST' }, undefined],
  ] as const)('%j is %j', (outcome, success) => {
    expect(evaluateReply({ outcome }).success).toBe(success);
  });
});

describe('people and tests', () => {
  const ratings: readonly Rating[] = ['bad', 1, 2, 3, 4, 5, 'good'];
  const broken = { outcome: { status: 'error', errorCode: 'SERVER_ERROR' }, reply: replied('') } as const;
  const fine = { outcome: { status: 'success' }, reply: replied(CODE), category: 'code_gen' } as const;

  test('nothing at all is unknown, never a success', () => {
    expect(evaluateReply({})).toEqual({ success: undefined, score: 0.5, signals: [] });
    expect(combineVerdicts([])).toEqual({ success: undefined, score: 0.5, signals: [] });
  });

  test('one verdict of the host outweighs everything else', () => {
    expect(
      evaluateReply({ ...fine, feedback: ['good'], host: [{ name: 'tests', passed: false }] }).success,
    ).toBe(false);
    expect(
      evaluateReply({ ...broken, feedback: ['bad'], host: [{ name: 'tests', passed: true }] }).success,
    ).toBe(true);
  });

  test('one rating outweighs all looks', () => {
    expect(evaluateReply({ ...fine, feedback: ['bad'] }).success).toBe(false);
    expect(evaluateReply({ ...broken, feedback: [5] }).success).toBe(true);
  });

  test('a better rating never gives a lower score', () => {
    for (const rest of [{}, fine, broken]) {
      const scores = ratings.map((rating) => evaluateReply({ ...rest, feedback: [rating] }).score);
      expect(scores).toEqual(scores.toSorted((one, other) => one - other));
      expect(scores[0]).toBeLessThan(scores.at(-1)!);
    }
  });

  test('what is out of range is refused with what to pass', () => {
    expect(() => evaluateReply({ host: [{ name: 'tests', passed: 3 }] })).toThrow(
      /"tests" is 3; pass true, false/,
    );
    expect(() => evaluateReply({ host: [{ name: 'tests', passed: Number.NaN }] })).toThrow(/pass true/);
    expect(() => evaluateReply({ feedback: [9 as Rating] })).toThrow(/from 1 to 5/);
  });
});

describe('combined verdicts', () => {
  const sources = Object.keys(EVIDENCE_WEIGHTS) as EvidenceSource[];
  const score = fc.double({ min: 0, max: 1, noNaN: true });
  const evidence: fc.Arbitrary<Evidence> = fc.record({
    source: fc.constantFrom(...sources),
    name: fc.constantFrom('a', 'b'),
    score,
  });
  const some = fc.array(evidence, { maxLength: 12 });

  test('are the verdict of all their evidence, in any order and grouping', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const { score: whole, success } = verdictOf([...a, ...b, ...c]);
        const [x, y, z] = [verdictOf(a), verdictOf(b), verdictOf(c)];
        expect(combineVerdicts([combineVerdicts([x, y]), z])).toMatchObject({ score: whole, success });
        expect(combineVerdicts([z, y, x])).toMatchObject({ score: whole, success });
      }),
    );
  });

  test('never get worse when one piece of evidence gets better', () => {
    fc.assert(
      fc.property(some, evidence, score, (others, one, other) => {
        const [low, high] = [one.score, other].toSorted((a, b) => a - b) as [number, number];
        const before = verdictOf([...others, { ...one, score: low }]);
        const after = verdictOf([...others, { ...one, score: high }]);
        expect(after.score).toBeGreaterThanOrEqual(before.score);
        if (before.success) expect(after.success).toBe(true);
      }),
    );
  });

  test('follow the strongest source that is sure, whatever all weaker ones say', () => {
    fc.assert(
      fc.property(some, fc.constantFrom(...sources), fc.boolean(), (others, source, passed) => {
        const weaker = others.filter((one) => EVIDENCE_WEIGHTS[one.source] < EVIDENCE_WEIGHTS[source]);
        const sure: Evidence = { source, name: 'sure', score: Number(passed) };
        expect(verdictOf([...weaker, sure]).success).toBe(passed);
      }),
    );
  });

  test('have a score from 0 to 1, and are unknown only without evidence', () => {
    fc.assert(
      fc.property(some, (all) => {
        const verdict = verdictOf(all);
        expect(verdict.score).toBeGreaterThanOrEqual(0);
        expect(verdict.score).toBeLessThanOrEqual(1);
        expect(verdict.success === undefined).toBe(all.length === 0);
      }),
    );
  });
});
