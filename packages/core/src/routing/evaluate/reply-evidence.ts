import type { ModelRequest } from '../../model/model-request.js';
import type { Reply } from '../../model/reply.js';
import { readText } from '../classify/read-text.js';
import type { TaskCategory } from '../classify/task-verdict.js';
import type { Evidence } from './evidence.js';
import { isRefusal } from './refusal.js';
import { isStuck } from './repetition.js';

/** What of a reply is looked at. */
export type EvaluatedReply = Pick<Reply, 'text' | 'refusal' | 'toolCalls' | 'finishReason'>;

/** What is asked of the looks of a reply. */
export interface ReplyEvidenceInput {
  readonly reply: EvaluatedReply;
  readonly request?: ModelRequest | undefined;
  readonly category?: TaskCategory | undefined;
}

/** What a reply without any fault scores: looks prove little. */
const FAULTLESS = 0.8;

/** What a reply scores that has a fault, at most. */
const FAULTS = {
  empty: 0,
  refusal: 0.05,
  'content-filter': 0.05,
  'broken-json': 0.05,
  repetition: 0.1,
  'tool-call-absent': 0.1,
  'code-absent': 0.2,
  truncated: 0.3,
  'too-short': 0.35,
} as const;
type Fault = keyof typeof FAULTS;

/** Fewer characters than this are no answer to such a task. */
const SHORTEST: Readonly<Record<TaskCategory, number>> = {
  simple_qa: 1,
  other: 2,
  explain: 60,
  code_gen: 15,
  code_review: 20,
  debug: 25,
  refactor: 15,
};
/** Who asks for fewer tokens than this wants the answer cut off. */
const SMALL_LIMIT = 64;
/** Characters of a reply that are searched for code. */
const SEARCHED = 20_000;
const WRITES_CODE: readonly (TaskCategory | undefined)[] = ['code_gen', 'refactor'];

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const hasCode = (text: string): boolean => {
  const { codeBlocks, codeLines, diffLines, inlineCode } = readText(text, SEARCHED);
  return codeBlocks > 0 || codeLines > 0 || diffLines > 0 || inlineCode > 0;
};

/** An agent writes code with its tools and says in prose that it did. */
const worksWithTools = (request: ModelRequest | undefined): boolean =>
  (request?.tools?.length ?? 0) > 0 || (request?.messages.some(({ role }) => role === 'tool') ?? false);

const needsToolCall = (request: ModelRequest | undefined): boolean =>
  request?.toolChoice?.type === 'required' || request?.toolChoice?.type === 'tool';

/** The faults of a text that was to answer in words or code. */
const faultsOfText = (text: string, { request, category }: ReplyEvidenceInput): Fault[] => {
  const faults: Fault[] = [];
  if (isRefusal(text)) return ['refusal'];
  if (category !== undefined && text.trim().length < SHORTEST[category]) faults.push('too-short');
  if (WRITES_CODE.includes(category) && !worksWithTools(request) && !hasCode(text))
    faults.push('code-absent');
  if (isStuck(text)) faults.push('repetition');
  return faults;
};

const faultsOf = (input: ReplyEvidenceInput): Fault[] => {
  const { reply, request } = input;
  const { text, toolCalls, finishReason } = reply;
  if (finishReason === 'content-filter') return ['content-filter'];
  if (reply.refusal !== undefined) return ['refusal'];
  const faults: Fault[] = [];
  if (finishReason === 'length' && (request?.maxOutputTokens ?? SMALL_LIMIT) >= SMALL_LIMIT)
    faults.push('truncated');
  if (toolCalls.length > 0) return faults;
  if (needsToolCall(request)) faults.push('tool-call-absent');
  if (text.trim() === '') faults.push('empty');
  else if (request?.responseFormat?.type === 'json') {
    if (!isJson(text)) faults.push('broken-json');
  } else faults.push(...faultsOfText(text, input));
  return faults;
};

/** What a reply looks like: each fault that it has, or `faultless`. */
export const replyEvidence = (input: ReplyEvidenceInput): Evidence[] => {
  const faults = faultsOf(input);
  if (faults.length === 0) return [{ source: 'reply', name: 'faultless', score: FAULTLESS }];
  return faults.map((name) => ({ source: 'reply', name, score: FAULTS[name] }));
};
