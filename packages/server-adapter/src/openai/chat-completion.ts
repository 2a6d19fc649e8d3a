import type { AssistantPart, FilePart, JsonObject, Reply, ToolCallPart } from '@millrace/core/model';
import { toAnnotation } from './annotation.js';
import { toFileOutput } from './file-output.js';
import { toFinishReason } from './finish-reason.js';
import { createdAt, toCompletionId } from './response-identity.js';
import { toCompletionUsage } from './usage.js';
import { answerFields, findLogprobs } from './vendor-answer.js';

/** Arguments as the model wrote them. Where it wrote none, an empty object: clients parse them without looking. */
const argumentsOf = ({ input, inputText }: ToolCallPart): string => {
  const text = inputText ?? (typeof input === 'string' ? input : JSON.stringify(input ?? {}));
  return text.trim() === '' ? '{}' : text;
};

const toToolCall = (call: ToolCallPart): JsonObject => ({
  id: call.toolCallId,
  type: 'function',
  function: { name: call.toolName, arguments: argumentsOf(call) },
});

const contentOf = (reply: Reply): string | null => {
  const answered = reply.content.some((part) => part.type === 'text' && part.refusal !== true);
  if (answered) return reply.text;
  return reply.toolCalls.length > 0 || reply.refusal !== undefined ? null : '';
};

const logprobsOf = (reply: Reply): JsonObject | null => {
  const found = findLogprobs(reply.providerMetadata);
  if (found !== undefined) return found;
  for (const part of reply.content) {
    const own = part.type === 'text' ? findLogprobs(part.providerMetadata) : undefined;
    if (own !== undefined) return own;
  }
  return null;
};

const files = (content: readonly AssistantPart[]): readonly FilePart[] =>
  content.filter((part): part is FilePart => part.type === 'file');

/** A reply as the body of a `chat.completion`. */
export const toChatCompletion = (reply: Reply): JsonObject => {
  const { toolCalls, reasoning, response, refusal } = reply;
  const message: JsonObject = {
    role: 'assistant',
    content: contentOf(reply),
    refusal: refusal ?? null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(toToolCall) }),
    annotations: reply.content.flatMap((part) => (part.type === 'source' ? [toAnnotation(part)] : [])),
    ...toFileOutput(files(reply.content)),
  };
  const usage = toCompletionUsage(reply.usage);
  return {
    id: toCompletionId(response.id, reply.id),
    object: 'chat.completion',
    created: createdAt(response.timestamp),
    model: response.modelId,
    choices: [
      {
        index: 0,
        message,
        logprobs: logprobsOf(reply),
        finish_reason: toFinishReason(reply.finishReason, refusal !== undefined),
      },
    ],
    ...(usage !== undefined && { usage }),
    ...answerFields(reply.providerMetadata),
  };
};
