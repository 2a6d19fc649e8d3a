import {
  type AssistantMessage,
  type FilePart,
  type JsonObject,
  type Message,
  MillraceError,
  type ToolResultOutput,
  type ToolResultPart,
  type UserPart,
} from '@millrace/core/model';
import { type LossReport, sniffImage, toBase64 } from '../transport/index.js';

/** A conversation as the program takes it. */
export interface WrittenConversation {
  readonly system: string;
  /** Lines for its input. Each step ends with a turn of the user; the next goes once that one was taken. */
  readonly steps: readonly (readonly JsonObject[])[];
}

interface WriteContext {
  readonly provider: string;
  readonly losses: LossReport;
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

const IMAGES: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

const bad = ({ provider }: WriteContext, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `${provider}: ${message}`);

/**
 * Write a conversation, every turn in its own role. All turns but the last are marked as not to be answered.
 *
 * @throws MillraceError `BAD_REQUEST` when it does not end with a turn of the user, or for a file that is not taken.
 */
export const writeConversation = (
  messages: readonly Message[],
  provider: string,
  losses: LossReport,
): WrittenConversation => {
  const context: WriteContext = { provider, losses };
  const system: string[] = [];
  const turns: Turn[] = [];
  const add = (role: Turn['role'], blocks: readonly JsonObject[]): void => {
    const last = turns.at(-1);
    if (blocks.length === 0) return;
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  };
  for (const message of messages) {
    switch (message.role) {
      case 'system':
        if (turns.length === 0) system.push(message.content);
        else add('user', writeLateSystem(message.content, context));
        break;
      case 'user':
        add('user', writeParts(message.content, context));
        break;
      case 'assistant':
        add('assistant', writeAssistant(message, context));
        break;
      case 'tool':
        add(
          'user',
          message.content.flatMap((part) => writeResult(part, context)),
        );
        break;
    }
  }
  if (turns.at(-1)?.role !== 'user')
    throw bad(context, 'The conversation must end with a message of the user that is not empty.');
  return { system: system.join('\n\n'), steps: toSteps(turns) };
};

const toSteps = (turns: readonly Turn[]): JsonObject[][] => {
  const steps: JsonObject[][] = [];
  let step: JsonObject[] = [];
  for (const [index, { role, content }] of turns.entries()) {
    const isHistory = role === 'user' && index < turns.length - 1;
    step.push({ type: role, message: { role, content }, ...(isHistory && { shouldQuery: false }) });
    if (role === 'assistant') continue;
    steps.push(step);
    step = [];
  }
  return steps;
};

/** The program runs a text that begins with a slash as a command of its own, and does not pass it on. */
const textBlocks = (text: string): JsonObject[] =>
  text.trim() === '' ? [] : [{ type: 'text', text: text.startsWith('/') ? ` ${text}` : text }];

const writeLateSystem = (content: string, { losses }: WriteContext): JsonObject[] => {
  if (content.trim() === '') return [];
  losses.add(
    'compatibility',
    'system message inside the conversation',
    'Instructions can only stand at the beginning; it was passed on as a note of the user.',
  );
  return textBlocks(`<instructions>\n${content}\n</instructions>`);
};

const writeParts = (parts: readonly UserPart[], context: WriteContext): JsonObject[] =>
  parts.flatMap((part) => (part.type === 'text' ? textBlocks(part.text) : writeFile(part, context)));

const writeFile = ({ data, mediaType }: FilePart, context: WriteContext): JsonObject[] => {
  const isImage = mediaType.startsWith('image/');
  if (data.type === 'url') {
    context.losses.add(
      'unsupported',
      isImage ? 'image by URL' : 'file by URL',
      'The program takes bytes only; it was left out.',
    );
    return [];
  }
  if (data.type === 'reference')
    throw bad(context, 'A file that was uploaded to a vendor cannot be passed on; pass its bytes instead.');
  const bytes = toBase64(data.data);
  if (isImage) {
    const exact = IMAGES.includes(mediaType) ? mediaType : sniffImage(bytes);
    if (exact === undefined)
      throw bad(context, `Images of type ${mediaType} are not accepted; use JPEG, PNG, GIF or WebP.`);
    return [{ type: 'image', source: { type: 'base64', media_type: exact, data: bytes } }];
  }
  if (mediaType === 'application/pdf')
    return [{ type: 'document', source: { type: 'base64', media_type: mediaType, data: bytes } }];
  if (mediaType.startsWith('text/') || mediaType === 'application/json')
    return textBlocks(Buffer.from(bytes, 'base64').toString('utf8'));
  throw bad(context, `Files of type ${mediaType} are not accepted; images, PDF and text are.`);
};

const writeAssistant = ({ content }: AssistantMessage, context: WriteContext): JsonObject[] => {
  const { losses } = context;
  return content.flatMap((part): JsonObject[] => {
    switch (part.type) {
      case 'text':
        return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }];
      case 'tool-call': {
        tellOfTools(context);
        const input = part.inputText ?? JSON.stringify(part.input);
        return [{ type: 'text', text: `[Called the tool ${part.toolName} with ${input}]` }];
      }
      case 'reasoning':
        losses.add('unsupported', 'reasoning in the history', 'Earlier reasoning was left out.');
        return [];
      case 'file':
        losses.add('unsupported', 'file in an assistant message', 'It was left out.');
        return [];
      default:
        return [];
    }
  });
};

/** A call of a tool that the program does not have would be no valid turn. */
const tellOfTools = ({ losses }: WriteContext): void =>
  losses.add(
    'compatibility',
    'tool calls in the history',
    'The program knows no tools but its own; earlier calls and their results were passed on as text.',
  );

const writeResult = ({ toolName, output }: ToolResultPart, context: WriteContext): JsonObject[] => {
  tellOfTools(context);
  const told = (text: string, how = 'gave'): JsonObject[] => [
    { type: 'text', text: `[The tool ${toolName} ${how}: ${text}]` },
  ];
  return writeOutput(output, told, context);
};

const writeOutput = (
  output: ToolResultOutput,
  told: (text: string, how?: string) => JsonObject[],
  context: WriteContext,
): JsonObject[] => {
  switch (output.type) {
    case 'text':
      return told(output.value);
    case 'json':
      return told(JSON.stringify(output.value));
    case 'error-text':
      return told(output.value, 'failed');
    case 'error-json':
      return told(JSON.stringify(output.value), 'failed');
    case 'execution-denied':
      return told(output.reason ?? 'no reason given', 'was not allowed to run');
    case 'content':
      return output.value.flatMap((part) =>
        part.type === 'text' ? told(part.text) : writeFile(part, context),
      );
  }
};
