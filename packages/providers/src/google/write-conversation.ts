import type {
  AssistantMessage,
  AssistantPart,
  JsonObject,
  Message,
  SystemMessage,
  ToolMessage,
  UserMessage,
} from '@millrace/core/model';
import { ownMetadata, signatureOf, type WriteContext, writeFile, writeToolOutput } from './write-content.js';

/** A conversation as the vendor takes it. */
export interface WrittenConversation {
  readonly systemInstruction: JsonObject | undefined;
  readonly contents: readonly JsonObject[];
}

interface Turn {
  readonly role: 'user' | 'model';
  readonly kind: Message['role'];
  readonly parts: JsonObject[];
}

/** What stands in for a signature where a conversation comes from elsewhere; Google documents it for that. */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Write a conversation: instructions apart, results of one turn together. */
export const writeConversation = (
  messages: readonly Message[],
  context: WriteContext,
): WrittenConversation => {
  const start = messages.findIndex(({ role }) => role !== 'system');
  const leading = (start === -1 ? messages : messages.slice(0, start)) as readonly SystemMessage[];
  const instructions = leading.map(({ content }) => content).filter((text) => text.trim() !== '');
  const turns: Turn[] = [];
  const add = (role: Turn['role'], kind: Turn['kind'], parts: readonly JsonObject[]): void => {
    if (parts.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role && last.kind === kind) last.parts.push(...parts);
    else turns.push({ role, kind, parts: [...parts] });
  };
  const prefix =
    context.traits.system || instructions.length === 0 ? [] : [{ text: `${instructions.join('\n\n')}\n\n` }];
  add('user', 'user', prefix);
  const calls = new Map<string, string | undefined>();
  for (const message of start === -1 ? [] : messages.slice(start)) {
    switch (message.role) {
      case 'system':
        add('user', 'user', writeLateSystem(message, context));
        break;
      case 'user':
        add('user', 'user', writeUser(message, context));
        break;
      case 'assistant':
        add('model', 'assistant', writeAssistant(message, calls, context));
        break;
      case 'tool':
        add('user', 'tool', writeResults(message, calls, context));
        break;
    }
  }
  return {
    systemInstruction:
      context.traits.system && instructions.length > 0
        ? { parts: instructions.map((text) => ({ text })) }
        : undefined,
    contents: turns.map(({ role, parts }) => ({ role, parts })),
  };
};

const writeLateSystem = ({ content }: SystemMessage, { losses }: WriteContext): JsonObject[] => {
  if (content.trim() === '') return [];
  losses.add(
    'compatibility',
    'system message inside the conversation',
    'Instructions can only stand at the beginning; it was passed on as a note of the user.',
  );
  return [{ text: `<instructions>\n${content}\n</instructions>` }];
};

const writeUser = ({ content }: UserMessage, context: WriteContext): JsonObject[] =>
  content.flatMap((part): JsonObject[] => {
    if (part.type === 'file') return [writeFile(part, context)];
    return part.text === '' ? [] : [{ text: part.text }];
  });

const writeAssistant = (
  { content }: AssistantMessage,
  calls: Map<string, string | undefined>,
  context: WriteContext,
): JsonObject[] => {
  const { losses, traits } = context;
  const isSigned = content.some(
    (part) =>
      part.type === 'tool-call' &&
      'thoughtSignature' in signatureOf(ownMetadata(part.providerMetadata, context)),
  );
  let first = true;
  const writePart = (part: AssistantPart): JsonObject[] => {
    const own = ownMetadata('providerMetadata' in part ? part.providerMetadata : undefined, context);
    const signature = signatureOf(own);
    switch (part.type) {
      case 'text':
        // What a tool of the vendor's own left goes back as it came; an empty part may carry a signature.
        if (own?.['part'] !== undefined) return [own['part'] as JsonObject];
        return part.text === '' && own === undefined ? [] : [{ text: part.text, ...signature }];
      case 'reasoning':
        if (own !== undefined) return [{ text: part.text, thought: true, ...signature }];
        losses.add(
          'unsupported',
          'reasoning of another provider',
          'Earlier reasoning that is not of this vendor was left out.',
        );
        return [];
      case 'file':
        return [writeFile(part, context)];
      case 'tool-call': {
        const id = typeof own?.['id'] === 'string' ? own['id'] : undefined;
        calls.set(part.toolCallId, id);
        // Only the first call of a set is signed, and only models that check need a stand-in.
        const standIn = first && !isSigned && traits.isThirdGeneration;
        first = false;
        if (standIn) {
          losses.add(
            'compatibility',
            'tool call of another provider',
            'It has no signature of this vendor; the documented stand-in was sent, and the model may reason worse.',
          );
        }
        const args = isRecord(part.input)
          ? part.input
          : { value: (part.input ?? null) as JsonObject[string] };
        return [
          {
            functionCall: { ...(id !== undefined && { id }), name: part.toolName, args },
            ...(standIn ? { thoughtSignature: NO_SIGNATURE } : signature),
          },
        ];
      }
      case 'source':
        // Sources repeat what the text cites.
        return [];
    }
  };
  return content.flatMap(writePart);
};

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const writeResults = (
  { content }: ToolMessage,
  calls: ReadonlyMap<string, string | undefined>,
  context: WriteContext,
): JsonObject[] => {
  const responses: JsonObject[] = [];
  const after: JsonObject[] = [];
  for (const { toolCallId, toolName, output } of content) {
    const id = calls.get(toolCallId);
    const written = writeToolOutput(output, context);
    responses.push({
      functionResponse: {
        ...(id !== undefined && { id }),
        name: toolName,
        response: written.response,
        ...(written.parts.length > 0 && { parts: [...written.parts] }),
      },
    });
    if (written.after.length > 0)
      after.push({ text: `Files of the result of ${toolName}:` }, ...written.after);
  }
  return [...responses, ...after];
};
