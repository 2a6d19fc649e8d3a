import type {
  AssistantMessage,
  AssistantPart,
  MessageInput,
  SystemMessage,
  ToolCallPart,
  ToolResultOutput,
  ToolResultPart,
  UserMessage,
} from '@millrace/core/model';
import { badRequest } from './bad-request.js';
import type {
  AssistantMessageInput,
  ChatCompletionMessage,
  InstructionMessage,
  ToolCallInput,
  ToolMessageInput,
  UserMessageInput,
} from './chat-completion-request.js';
import { toTextPart, toUserPart } from './convert-content.js';
import { vendorFields } from './vendor-fields.js';

const toSystemMessage = ({ role: _role, content, ...rest }: InstructionMessage): SystemMessage => ({
  role: 'system',
  content: typeof content === 'string' ? content : content.map((part) => part.text).join('\n'),
  providerMetadata: vendorFields(rest),
});

const toUserMessage = (message: UserMessageInput, param: string): UserMessage => {
  const { role, content, name, ...rest } = message;
  return {
    role,
    content:
      typeof content === 'string'
        ? [{ type: 'text', text: content }]
        : content.map((part, index) => toUserPart(part, `${param}.content[${index}]`)),
    name: name ?? undefined,
    providerMetadata: vendorFields(rest),
  };
};

const toToolCall = ({ id, type: _type, function: called, ...rest }: ToolCallInput): ToolCallPart => {
  const { name, arguments: inputText, ...details } = called;
  const call = {
    type: 'tool-call',
    toolCallId: id,
    toolName: name,
    inputText,
    providerMetadata: vendorFields({ ...rest, ...details }),
  } as const;
  if (inputText.trim() === '') return { ...call, input: {} };
  try {
    return { ...call, input: JSON.parse(inputText) };
  } catch {
    return { ...call, input: inputText, invalid: true };
  }
};

const toAssistantMessage = (message: AssistantMessageInput, param: string): AssistantMessage => {
  const {
    role,
    content,
    refusal,
    reasoning_content,
    reasoning,
    tool_calls,
    name,
    annotations: _annotations,
    function_call,
    ...rest
  } = message;
  if (function_call != null) {
    throw badRequest(
      `${param}.function_call`,
      `'${param}.function_call' is deprecated. Use 'tool_calls' instead.`,
    );
  }
  const parts: AssistantPart[] = [];
  const thought = reasoning_content || reasoning;
  if (thought) parts.push({ type: 'reasoning', text: thought });
  if (typeof content === 'string') {
    if (content !== '') parts.push({ type: 'text', text: content });
  } else {
    for (const part of content ?? []) {
      parts.push(
        part.type === 'text' ? toTextPart(part) : { type: 'text', text: part.refusal, refusal: true },
      );
    }
  }
  if (refusal) parts.push({ type: 'text', text: refusal, refusal: true });
  for (const call of tool_calls ?? []) parts.push(toToolCall(call));
  // An empty answer stays a turn of its own.
  if (parts.length === 0) parts.push({ type: 'text', text: '' });
  return { role, content: parts, name: name ?? undefined, providerMetadata: vendorFields(rest) };
};

const toToolOutput = (content: ToolMessageInput['content'], param: string): ToolResultOutput =>
  typeof content === 'string'
    ? { type: 'text', value: content }
    : {
        type: 'content',
        value: content.map((part, index) => toUserPart(part, `${param}.content[${index}]`)),
      };

const toToolResult = (
  message: ToolMessageInput,
  toolNames: ReadonlyMap<string, string>,
  param: string,
): ToolResultPart => {
  const { role: _role, tool_call_id, content, name: _name, ...rest } = message;
  const toolName = toolNames.get(tool_call_id);
  if (toolName === undefined) {
    const at = `${param}.tool_call_id`;
    throw badRequest(at, `'${at}' does not name a tool call of an assistant message before it.`);
  }
  return {
    type: 'tool-result',
    toolCallId: tool_call_id,
    toolName,
    output: toToolOutput(content, param),
    providerMetadata: vendorFields(rest),
  };
};

/**
 * The conversation in our vocabulary. Tool results that follow each other become one message.
 *
 * @throws MillraceError `BAD_REQUEST` that names the field.
 */
export const toMessages = (messages: readonly ChatCompletionMessage[]): readonly MessageInput[] => {
  const converted: MessageInput[] = [];
  const toolNames = new Map<string, string>();
  let results: ToolResultPart[] | undefined;
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    if (message.role === 'tool') {
      const result = toToolResult(message, toolNames, param);
      if (results === undefined) {
        results = [result];
        converted.push({ role: 'tool', content: results });
      } else results.push(result);
      continue;
    }
    results = undefined;
    if (message.role === 'assistant') {
      for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name);
      converted.push(toAssistantMessage(message, param));
    } else converted.push(message.role === 'user' ? toUserMessage(message, param) : toSystemMessage(message));
  }
  return converted;
};
