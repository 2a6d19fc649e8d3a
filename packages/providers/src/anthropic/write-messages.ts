import type {
  AssistantMessage,
  JsonObject,
  Message,
  SystemMessage,
  ToolMessage,
  UserMessage,
} from '@millrace/core/model';
import { ownMetadata, type WriteContext, writeFile, writeText, writeToolOutput } from './write-content.js';

/** A conversation as the vendor takes it: instructions apart, then user and assistant in turn. */
export interface WrittenConversation {
  readonly system: readonly JsonObject[];
  readonly messages: readonly JsonObject[];
}

interface Turn {
  readonly role: 'user' | 'assistant';
  /** In a user's turn: results of tools, which must come before everything else. */
  readonly results: JsonObject[];
  readonly content: JsonObject[];
}

/** Write a conversation. Roles alternate, results of tools come right behind their calls and before other content. */
export const writeConversation = (
  messages: readonly Message[],
  context: WriteContext,
): WrittenConversation => {
  const start = messages.findIndex(({ role }) => role !== 'system');
  const leading = (start === -1 ? messages : messages.slice(0, start)) as readonly SystemMessage[];
  const system = leading.flatMap(({ content, providerMetadata }) =>
    writeText({ type: 'text', text: content, providerMetadata }, context),
  );
  const turns: Turn[] = [];
  const turnOf = (role: Turn['role']): Turn => {
    const last = turns.at(-1);
    if (last?.role === role) return last;
    const turn: Turn = { role, results: [], content: [] };
    turns.push(turn);
    return turn;
  };
  /** A message of which nothing is left opens no turn: two of one role would follow each other. */
  const addContent = (role: Turn['role'], blocks: readonly JsonObject[]): void => {
    if (blocks.length > 0) turnOf(role).content.push(...blocks);
  };
  for (const message of start === -1 ? [] : messages.slice(start)) {
    switch (message.role) {
      case 'system':
        addContent('user', writeLateSystem(message, context));
        break;
      case 'user':
        addContent('user', writeUser(message, context));
        break;
      case 'assistant':
        addContent('assistant', writeAssistant(message, context));
        break;
      case 'tool':
        if (message.content.length > 0) addResults(turnOf('user'), message, context);
        break;
    }
  }
  repairPairs(turns, context);
  const written = turns.flatMap(({ role, results, content }) =>
    results.length + content.length === 0 ? [] : [{ role, content: [...results, ...content] }],
  );
  trimEnd(written.at(-1));
  return { system, messages: written };
};

const writeLateSystem = ({ content }: SystemMessage, { warnings }: WriteContext): JsonObject[] => {
  if (content.trim() === '') return [];
  warnings.add(
    'compatibility',
    'system message inside the conversation',
    'Instructions can only stand at the beginning; it was passed on as a note of the user.',
  );
  return [{ type: 'text', text: `<instructions>\n${content}\n</instructions>` }];
};

/** A mark on a message stands for one on its last block. */
const withMessageMark = (
  blocks: JsonObject[],
  message: UserMessage | AssistantMessage | ToolMessage,
  context: WriteContext,
): JsonObject[] => {
  const last = blocks.at(-1);
  if (last === undefined || last['cache_control'] !== undefined || last['type'] === 'thinking') return blocks;
  const marks = context.cache.of(ownMetadata(message.providerMetadata, context));
  return [...blocks.slice(0, -1), { ...last, ...marks }];
};

const writeUser = (message: UserMessage, context: WriteContext): JsonObject[] =>
  withMessageMark(
    message.content.flatMap((part) =>
      part.type === 'text' ? writeText(part, context) : [writeFile(part, context)],
    ),
    message,
    context,
  );

const writeAssistant = (message: AssistantMessage, context: WriteContext): JsonObject[] => {
  const blocks: JsonObject[] = [];
  for (const part of message.content) {
    const own = ownMetadata('providerMetadata' in part ? part.providerMetadata : undefined, context);
    switch (part.type) {
      case 'text':
        blocks.push(...writeText(part, context));
        break;
      case 'reasoning':
        if (typeof own?.['redactedData'] === 'string')
          blocks.push({ type: 'redacted_thinking', data: own['redactedData'] });
        else if (typeof own?.['signature'] === 'string')
          blocks.push({ type: 'thinking', thinking: part.text, signature: own['signature'] });
        else
          context.warnings.add(
            'unsupported',
            'reasoning of another provider',
            'Earlier reasoning without a signature of this vendor was left out.',
          );
        break;
      case 'tool-call':
        blocks.push({
          type: 'tool_use',
          id: context.toolCallId(part.toolCallId),
          name: part.toolName,
          input: writeInput(part.input, part.invalid === true, context),
          ...context.cache.of(own),
        });
        break;
      case 'file':
        context.warnings.add('unsupported', 'file in an assistant message', 'It was left out.');
        break;
      case 'source':
        // Sources repeat what the text cites.
        break;
    }
  }
  return withMessageMark(callsLast(blocks), message, context);
};

/** The vendor takes an object only. */
const writeInput = (input: unknown, invalid: boolean, context: WriteContext): JsonObject => {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as JsonObject;
  if (invalid) {
    context.warnings.add(
      'compatibility',
      'tool call with arguments that are not JSON',
      'They were passed on as text in the field `raw`.',
    );
  }
  return { raw: (input ?? null) as JsonObject[string] };
};

/** Between two thinking blocks the calls go behind the text. */
const callsLast = (blocks: readonly JsonObject[]): JsonObject[] => {
  const ordered: JsonObject[] = [];
  let calls: JsonObject[] = [];
  for (const block of blocks) {
    if (block['type'] === 'tool_use') calls.push(block);
    else {
      if (block['type'] === 'thinking' || block['type'] === 'redacted_thinking') {
        ordered.push(...calls);
        calls = [];
      }
      ordered.push(block);
    }
  }
  return [...ordered, ...calls];
};

const addResults = (turn: Turn, message: ToolMessage, context: WriteContext): void => {
  const blocks = message.content.map(
    (part): JsonObject => ({
      type: 'tool_result',
      tool_use_id: context.toolCallId(part.toolCallId),
      ...writeToolOutput(part.output, context),
      ...context.cache.of(ownMetadata(part.providerMetadata, context)),
    }),
  );
  turn.results.push(...withMessageMark(blocks, message, context));
};

const callIds = (turn: Turn | undefined): string[] =>
  turn?.role === 'assistant'
    ? turn.content.flatMap(({ type, id }) => (type === 'tool_use' ? [String(id)] : []))
    : [];

/** Every call has a result in the very next turn, and every result a call in the one before; the vendor refuses else. */
const repairPairs = (turns: Turn[], context: WriteContext): void => {
  for (let index = 0; index < turns.length; index++) {
    const turn = turns[index] as Turn;
    if (turn.role === 'assistant') {
      const calls = callIds(turn);
      if (calls.length === 0) continue;
      let next = turns[index + 1];
      if (next === undefined) {
        next = { role: 'user', results: [], content: [] };
        turns.push(next);
      }
      const answered = new Set(next.results.map((result) => result['tool_use_id']));
      for (const id of calls.filter((call) => !answered.has(call))) {
        context.warnings.add(
          'compatibility',
          'tool call without a result',
          'A result that says so was added, since the vendor refuses a call without one.',
        );
        next.results.push({
          type: 'tool_result',
          tool_use_id: id,
          content: 'No result was recorded.',
          is_error: true,
        });
      }
      continue;
    }
    const calls = callIds(turns[index - 1]);
    const orphans = turn.results.filter((result) => !calls.includes(String(result['tool_use_id'])));
    if (orphans.length === 0) continue;
    context.warnings.add(
      'compatibility',
      'tool result without its call',
      'It was passed on as text, since the vendor refuses a result without a call before it.',
    );
    turn.results.splice(0, turn.results.length, ...turn.results.filter((one) => !orphans.includes(one)));
    turn.content.unshift(
      ...orphans.map(
        ({ content }): JsonObject => ({
          type: 'text',
          text: `Result of an earlier tool call: ${typeof content === 'string' ? content : JSON.stringify(content)}`,
        }),
      ),
    );
  }
};

/** The vendor refuses white space at the end of an answer that it is to continue. */
const trimEnd = (message: JsonObject | undefined): void => {
  if (message?.['role'] !== 'assistant') return;
  const content = message['content'] as Record<string, JsonObject[string]>[];
  const last = content.at(-1);
  if (last?.['type'] === 'text') last['text'] = String(last['text']).trimEnd();
};
