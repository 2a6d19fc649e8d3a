import type {
  AssistantMessage,
  JsonObject,
  JsonValue,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolMessage,
} from '@millrace/core/model';
import { clientCallOutput } from './items.js';
import { ownMetadata, type WriteContext, writeToolOutput, writeUserParts } from './write-content.js';

/** How a call was made, where its result must know. */
interface CallOrigin {
  /** The item by which the vendor asked, for calls that are no function calls. */
  readonly item?: JsonObject;
  readonly custom?: true;
  /** The wrapper that the call was in, and its place there. */
  readonly wrapper?: { readonly callId: string; readonly count: number };
}

/** What is known while a conversation is written. */
interface Progress {
  readonly input: JsonObject[];
  readonly origins: Map<string, CallOrigin>;
  /** Items that were named already: each may stand once. */
  readonly named: Set<string>;
}

/** Write a conversation as input items. */
export const writeInput = (messages: readonly Message[], context: WriteContext): JsonObject[] => {
  const progress: Progress = { input: [], origins: new Map(), named: new Set() };
  for (const message of messages) {
    switch (message.role) {
      case 'system':
        progress.input.push({ role: context.systemRole, content: message.content });
        break;
      case 'user':
        progress.input.push({ role: 'user', content: writeUserParts(message.content, context) });
        break;
      case 'assistant':
        writeAssistant(message, progress, context);
        break;
      case 'tool':
        writeResults(message, progress, context);
        break;
    }
  }
  return triggersLast(progress.input);
};

/** What asks the vendor to condense the conversation must stand behind everything else. */
const triggersLast = (input: readonly JsonObject[]): JsonObject[] => {
  const isTrigger = ({ type }: JsonObject): boolean => type === 'compaction_trigger';
  return [...input.filter((item) => !isTrigger(item)), ...input.filter(isTrigger).slice(-1)];
};

/**
 * What the vendor does not have yet when it goes on from an answer that it keeps: everything behind the last answer of
 * its own. A conversation without one is sent whole.
 */
export const behindStored = (messages: readonly Message[], provider: string): readonly Message[] => {
  const last = messages.findLastIndex(
    (message) =>
      message.role === 'assistant' &&
      message.content.some((part) => part.providerMetadata?.[provider]?.['itemId'] !== undefined),
  );
  return messages.slice(last + 1);
};

/** The item that a part belongs to, as the vendor called it. */
const itemIdOf = (own: JsonObject | undefined): string | undefined => {
  const id = own?.['itemId'];
  return typeof id === 'string' ? id : undefined;
};

const writeAssistant = (message: AssistantMessage, progress: Progress, context: WriteContext): void => {
  const reasoned = new Set<string>();
  for (const [index, part] of message.content.entries()) {
    const own = ownMetadata(part.providerMetadata, context);
    switch (part.type) {
      case 'reasoning':
        if (own?.['commentary'] === true)
          writeText({ ...part, type: 'text' }, own, reasoned, progress, context);
        else writeReasoning(message, index, own, reasoned, progress, context);
        break;
      case 'text':
        writeText(part, own, reasoned, progress, context);
        break;
      case 'tool-call':
        writeCall(part, own, progress, context);
        break;
      case 'file':
        context.losses.add('unsupported', 'file in an assistant message', 'It was left out.');
        break;
      case 'source':
        // Sources repeat what the text cites; a request has no place for them.
        break;
    }
  }
};

/** Parts of one item go back as one item, named where the vendor keeps it, with its secret where it does not. */
const writeReasoning = (
  { content }: AssistantMessage,
  index: number,
  own: JsonObject | undefined,
  reasoned: Set<string>,
  { input, named }: Progress,
  { losses, stored, provider }: WriteContext,
): void => {
  const itemId = itemIdOf(own);
  if (itemId === undefined) {
    losses.add(
      'unsupported',
      'reasoning of another provider',
      'Earlier reasoning that is not of this vendor was left out.',
    );
    return;
  }
  if (named.has(itemId)) return;
  named.add(itemId);
  if (stored) {
    reasoned.add(itemId);
    input.push({ type: 'item_reference', id: itemId });
    return;
  }
  const parts = content.slice(index).filter((part): part is ReasoningPart => {
    const metadata = part.type === 'reasoning' ? part.providerMetadata?.[provider] : undefined;
    return itemIdOf(metadata) === itemId;
  });
  const secret = parts
    .map(({ providerMetadata }) => providerMetadata?.[provider]?.['encryptedContent'])
    .findLast((value) => typeof value === 'string');
  if (secret === undefined) {
    losses.add(
      'unsupported',
      'reasoning without its encrypted content',
      'It was made while the vendor kept the conversation, so it was left out.',
    );
    return;
  }
  reasoned.add(itemId);
  const texts = parts.filter(({ text }) => text !== '');
  input.push({
    type: 'reasoning',
    id: itemId,
    summary: texts.map(({ text }) => ({ type: 'summary_text', text })),
    encrypted_content: secret,
  });
};

const writeText = (
  part: TextPart,
  own: JsonObject | undefined,
  reasoned: ReadonlySet<string>,
  { input, named }: Progress,
  { losses, stored }: WriteContext,
): void => {
  const item = own?.['item'] as JsonObject | undefined;
  const itemId = itemIdOf(own);
  if (item !== undefined) {
    // Something of the vendor's own goes back as it came, or by its name.
    input.push(stored && itemId !== undefined ? { type: 'item_reference', id: itemId } : item);
    return;
  }
  if (part.text === '') {
    if (part.providerMetadata !== undefined && own === undefined)
      losses.add('unsupported', 'a block of another provider', 'It was left out.');
    return;
  }
  const content: JsonObject =
    part.refusal === true
      ? { type: 'refusal', refusal: part.text }
      : { type: 'output_text', text: part.text, annotations: (own?.['annotations'] as JsonValue) ?? [] };
  const last = input.at(-1);
  if (itemId !== undefined && last?.['id'] === itemId) {
    if (Array.isArray(last['content'])) (last['content'] as JsonObject[]).push(content);
    return;
  }
  // A kept message cannot be named without the reasoning that it came with.
  if (stored && itemId !== undefined && isComplete(own, reasoned)) {
    if (!named.has(itemId)) input.push({ type: 'item_reference', id: itemId });
    named.add(itemId);
    return;
  }
  const phase = own?.['phase'];
  input.push({
    type: 'message',
    role: 'assistant',
    status: 'completed',
    ...(itemId !== undefined && isComplete(own, reasoned) && { id: itemId }),
    ...(phase !== undefined && { phase }),
    content: [content],
  });
};

/** Whether the reasoning that an item came with is there too. */
const isComplete = (own: JsonObject | undefined, reasoned: ReadonlySet<string>): boolean => {
  const needed = own?.['reasoningId'];
  return typeof needed !== 'string' || reasoned.has(needed);
};

const writeCall = (
  part: ToolCallPart,
  own: JsonObject | undefined,
  { input, origins }: Progress,
  context: WriteContext,
): void => {
  const { toolCallId, toolName } = part;
  const call_id = context.callId(toolCallId);
  const text = part.inputText ?? JSON.stringify(part.input ?? {});
  const item = own?.['item'] as JsonObject | undefined;
  if (item !== undefined) {
    origins.set(toolCallId, { item });
    const id = itemIdOf(own);
    input.push(context.stored && id !== undefined ? { type: 'item_reference', id } : item);
    return;
  }
  const wrapper = own?.['wrapper'] as
    | { callId: string; name: string; arguments: string; count: number }
    | undefined;
  if (wrapper !== undefined) {
    origins.set(toolCallId, { wrapper });
    if (own?.['place'] !== 0) return;
    const { callId, name } = wrapper;
    input.push({ type: 'function_call', call_id: callId, name, arguments: wrapper.arguments });
    return;
  }
  if (own?.['custom'] === true) {
    origins.set(toolCallId, { custom: true });
    input.push({ type: 'custom_tool_call', call_id, name: toolName, input: customInput(part) });
    return;
  }
  // Never by its name: the result of a call is found by `call_id` alone.
  input.push({ type: 'function_call', call_id, name: toolName, arguments: text });
};

/** The free text of a custom call, which we hold as a JSON string. */
const customInput = ({ input, inputText }: ToolCallPart): string =>
  typeof input === 'string' ? input : (inputText ?? JSON.stringify(input ?? ''));

const writeResults = (message: ToolMessage, { input, origins }: Progress, context: WriteContext): void => {
  /** Results of calls that came in one wrapper, by its id, in the order of the calls. */
  const wrapped = new Map<string, (string | JsonObject[])[]>();
  for (const { toolCallId, output } of message.content) {
    const origin = origins.get(toolCallId);
    const call_id = context.callId(toolCallId);
    if (origin?.item !== undefined) {
      const own = origin.item['call_id'];
      input.push(clientCallOutput(origin.item, typeof own === 'string' ? own : toolCallId, output));
      continue;
    }
    const written = writeToolOutput(output, context);
    if (origin?.wrapper === undefined) {
      const type = origin?.custom === true ? 'custom_tool_call_output' : 'function_call_output';
      input.push({ type, call_id, output: written });
      continue;
    }
    const { callId } = origin.wrapper;
    const place = Number(/-(\d+)$/.exec(toolCallId)?.[1] ?? 0);
    const results = wrapped.get(callId) ?? [];
    wrapped.set(callId, results);
    results[place] = written;
  }
  for (const [call_id, results] of wrapped) {
    const inOrder = results.filter((result) => result !== undefined);
    const texts = inOrder.map((result) => (typeof result === 'string' ? result : JSON.stringify(result)));
    input.push({ type: 'function_call_output', call_id, output: JSON.stringify(texts) });
  }
};
