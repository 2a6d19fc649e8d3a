import type { ModelRequest } from '../../model/model-request.js';
import { type Ask, askOf } from './ask.js';
import type { Conversation } from './conversation.js';
import { type Effects, pairsOf, plus } from './effects.js';
import { readText, type TextReading } from './read-text.js';
import type { Sentence } from './sentence.js';
import type { AskContext } from './sentence-view.js';
import type { TaskCategory, TaskSignal } from './task-verdict.js';
import type { Thing } from './word-meaning.js';

/** Characters of an earlier message, and of the system prompt, that are read. */
const EARLIER_LIMIT = 2_000;
/** What an earlier message weighs against the one after it. */
const EARLIER_WEIGHT = 0.3;
/** What an order or a question weighs that is neither the first nor the last one. */
const MIDDLE_WEIGHT = 0.35;
/** What the last order or question weighs where it is not the first. */
const LAST_WEIGHT = 0.8;
/** From this many lines on a log is one. */
const LOG_LINES = 2;
/** From this many words on a text is long. */
const LONG_TEXT = 45;
/** Sentences that are looked at: the first and the last of them. */
const MOST_SENTENCES = 60;

/** What a person who gives a system prompt says that the model is. */
const ROLES: Readonly<Record<string, Effects>> = {
  reviewer: { code_review: 1 },
  auditor: { code_review: 0.6 },
  debugger: { debug: 0.8 },
  programmer: { code_gen: 0.4 },
  coding: { code_gen: 0.4 },
  developer: { code_gen: 0.3 },
  tutor: { explain: 0.6 },
  teacher: { explain: 0.6 },
  translator: { other: 1 },
  writer: { other: 0.8 },
  copywriter: { other: 1 },
  travel: { other: 0.6 },
  customer: { other: 0.6 },
};

/** Words of tool names that a coding agent's tools have. */
const CODING_TOOLS = ['edit', 'bash', 'file', 'replace', 'patch', 'terminal', 'shell', 'grep'];

/** A signal that speaks for categories alone. */
const signal = (name: string, value: string | number, effects: Effects): TaskSignal => ({
  name,
  value,
  effects: rounded(effects),
  complexity: 0,
});

const rounded = (effects: Effects): Effects =>
  Object.fromEntries(
    pairsOf(effects).map(([category, points]) => [category, Math.round(points * 100) / 100]),
  );

const times = (effects: Effects, weight: number): Effects =>
  weight === 1
    ? effects
    : Object.fromEntries(pairsOf(effects).map(([category, points]) => [category, points * weight]));

const speaksOf = ({ sentences }: TextReading, thing: Thing): boolean =>
  sentences.some(({ meanings }) => meanings.some((meaning) => meaning?.thing === thing));

const contextOf = (reading: TextReading): AskContext => {
  // A block that holds nothing but an error is no code to look at.
  const code = reading.codeLines > 0 || reading.diffLines > 0;
  const failure = reading.traceLines > 0 || reading.errorLines > 0 || reading.logLines >= LOG_LINES;
  return {
    material: code || failure || reading.codeBlocks > 0 || reading.paths.size > 0 || reading.inlineCode > 0,
    code,
    failure,
    speaksOfCode: speaksOf(reading, 'code'),
    speaksOfFault: speaksOf(reading, 'fault'),
    long: reading.sentences.reduce((total, { words }) => total + words.length, 0) > LONG_TEXT,
  };
};

const looked = (sentences: readonly Sentence[]): readonly Sentence[] =>
  sentences.length <= MOST_SENTENCES
    ? sentences
    : [...sentences.slice(0, MOST_SENTENCES / 2), ...sentences.slice(-MOST_SENTENCES / 2)];

/** What the sentences of a message ask for, the first and the last one above the others. */
const askSignals = (reading: TextReading, context: AskContext): TaskSignal[] => {
  const asks: Ask[] = [];
  for (const sentence of looked(reading.sentences)) {
    const ask = askOf(sentence, context);
    if (ask !== undefined) asks.push(ask);
  }
  const asked = asks.filter(({ kind }) => kind === 'asked');
  const middle = cappedSum(asked.slice(1, -1).map(({ effects }) => times(effects, MIDDLE_WEIGHT)));
  const told = cappedSum(asks.filter(({ kind }) => kind === 'told').map(({ effects }) => effects));
  const signals: TaskSignal[] = [];
  const [first] = asked;
  const last = asked.at(-1);
  if (first !== undefined) signals.push(signal('ask', first.word, first.effects));
  if (last !== undefined && last !== first)
    signals.push(signal('last-ask', last.word, times(last.effects, LAST_WEIGHT)));
  if (pairsOf(middle).length > 0) signals.push(signal('further-asks', asked.length - 2, middle));
  if (pairsOf(told).length > 0)
    signals.push(signal('statements', asks.find(({ kind }) => kind === 'told')?.word ?? '', told));
  return signals;
};

/** What many sentences of little weight may count for together. */
const MOST_POINTS = 3;

const cappedSum = (all: readonly Effects[]): Effects => {
  const sum: Partial<Record<TaskCategory, number>> = {};
  for (const effects of all) {
    for (const [category, points] of pairsOf(effects))
      sum[category] = Math.min(MOST_POINTS, (sum[category] ?? 0) + points);
  }
  return sum;
};

const materialSignals = (reading: TextReading, context: AskContext): TaskSignal[] => {
  const signals: TaskSignal[] = [];
  const errors = reading.traceLines + reading.errorLines;
  if (errors > 0) signals.push(signal('error-lines', errors, { debug: 2 }));
  else if (context.failure) signals.push(signal('log-lines', reading.logLines, { debug: 1.5 }));
  if (reading.diffLines > 0) signals.push(signal('diff', reading.diffLines, { code_review: 2 }));
  if (context.code && reading.sentences.length === 0)
    signals.push(signal('code-alone', reading.codeLines, { code_review: 1, explain: 0.8 }));
  else if (!context.material && reading.sentences.length > 0)
    signals.push(signal('prose-alone', reading.sentences.length, { other: 0.7 }));
  return signals;
};

/** What speaks for a category in one message. */
const messageSignals = (reading: TextReading): TaskSignal[] => {
  const context = contextOf(reading);
  return [...askSignals(reading, context), ...materialSignals(reading, context)];
};

const earlierSignals = ({ earlier }: Conversation): TaskSignal[] => {
  let sum: Effects = {};
  earlier.forEach((text, index) => {
    const weight = EARLIER_WEIGHT ** (index + 1);
    for (const { effects } of messageSignals(readText(text, EARLIER_LIMIT)))
      sum = plus(sum, times(effects, weight));
  });
  return pairsOf(sum).length === 0 ? [] : [signal('earlier-messages', earlier.length, sum)];
};

const systemSignals = ({ system }: Conversation): TaskSignal[] => {
  const signals: TaskSignal[] = [];
  for (const { words } of readText(system, EARLIER_LIMIT).sentences) {
    for (const word of words) {
      const effects = Object.hasOwn(ROLES, word) ? ROLES[word] : undefined;
      if (effects !== undefined && !signals.some(({ value }) => value === word))
        signals.push(signal('system-role', word, effects));
    }
  }
  return signals;
};

const toolSignals = ({ tools, responseFormat }: ModelRequest): TaskSignal[] => {
  const signals: TaskSignal[] = [];
  if (tools !== undefined && tools.length > 0) {
    const coding = tools.filter(({ name }) => CODING_TOOLS.some((word) => name.toLowerCase().includes(word)));
    signals.push(
      coding.length > 0
        ? signal('coding-tools', coding.length, { code_gen: 0.8 })
        : signal('other-tools', tools.length, { other: 0.5 }),
    );
  }
  if (responseFormat?.type === 'json') signals.push(signal('json-answer', 1, { other: 0.5 }));
  return signals;
};

/** Everything in a request that speaks for a category. */
export const categorySignals = (
  request: ModelRequest,
  conversation: Conversation,
  newest: TextReading,
): TaskSignal[] => [
  ...messageSignals(newest),
  ...earlierSignals(conversation),
  ...systemSignals(conversation),
  ...toolSignals(request),
];
