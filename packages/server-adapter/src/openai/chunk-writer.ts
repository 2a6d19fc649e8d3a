import type { FinishEvent, JsonObject, ModelEvent } from '@millrace/core/model';
import { toAnnotation } from './annotation.js';
import { toFileOutput } from './file-output.js';
import { toFinishReason } from './finish-reason.js';
import { createdAt, toCompletionId } from './response-identity.js';
import { toCompletionUsage } from './usage.js';
import { answerFields, findLogprobs } from './vendor-answer.js';

/** Writes the events of an answer as server-sent `chat.completion.chunk`s. */
export interface ChunkWriter {
  /** The text to send for an event; empty when the client needs to know nothing. */
  write(event: ModelEvent): string;
}

/** What every chunk of an answer says. */
export interface ChunkWriterOptions {
  readonly callId: string;
  /** Stands in until the vendor names the served model. */
  readonly model: string;
  /** The client asked for usage: a chunk of its own at the end, `null` on the others. */
  readonly includeUsage: boolean;
}

interface ToolCallState {
  readonly index: number;
  /** Characters of the arguments that were sent. */
  sent: number;
}

/** What ends a complete stream. Never sent after a failure. */
export const DONE_MESSAGE = 'data: [DONE]\n\n';

/**
 * Start writing. Chunks are put together as text, since all but the delta is the same in each: an answer of
 * hundreds of chunks costs one small `JSON.stringify` a piece.
 */
export const createChunkWriter = (options: ChunkWriterOptions): ChunkWriter => {
  const usageNull = options.includeUsage ? ',"usage":null' : '';
  const refusals = new Set<string>();
  const toolCalls = new Map<string, ToolCallState>();
  let { model } = options;
  let id: string | undefined;
  let created: number | undefined;
  let refused = false;
  /** The constant beginning of each chunk; absent until the first is written. */
  let head: string | undefined;

  const begin = (): string => {
    const fields = {
      id: toCompletionId(id, options.callId),
      object: 'chat.completion.chunk',
      created: createdAt(created),
      model,
    };
    head = `data: ${JSON.stringify(fields).slice(0, -1)}`;
    return head;
  };

  const chunk = (delta: string, logprobs: JsonObject | undefined): string =>
    `${head ?? begin()},"choices":[{"index":0,"delta":${delta},"logprobs":${
      logprobs === undefined ? 'null' : JSON.stringify(logprobs)
    },"finish_reason":null}]${usageNull}}\n\n`;

  /** The first chunk names the role; its content is empty text only when text follows. */
  const send = (delta: string, content: '""' | 'null' = 'null', logprobs?: JsonObject): string => {
    const role =
      head === undefined ? chunk(`{"role":"assistant","content":${content},"refusal":null}`, undefined) : '';
    return role + chunk(delta, logprobs);
  };

  const beginToolCall = (callId: string, name: string, text: string): string => {
    const index = toolCalls.size;
    toolCalls.set(callId, { index, sent: text.length });
    return send(
      `{"tool_calls":[{"index":${index},"id":${JSON.stringify(callId)},"type":"function","function":{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(text)}}}]}`,
    );
  };

  const growToolCall = (call: ToolCallState, text: string): string => {
    call.sent += text.length;
    return send(`{"tool_calls":[{"index":${call.index},"function":{"arguments":${JSON.stringify(text)}}}]}`);
  };

  const completeToolCall = (callId: string, name: string, input: string): string => {
    // Clients parse the arguments without looking, so a call without any gets an empty object.
    const text = input.trim() === '' ? '{}' : input;
    const call = toolCalls.get(callId);
    if (call === undefined) return beginToolCall(callId, name, text);
    return call.sent === 0 ? growToolCall(call, text) : '';
  };

  const writeFinish = (event: FinishEvent): string => {
    const beginning =
      head === undefined ? chunk('{"role":"assistant","content":"","refusal":null}', undefined) : '';
    const logprobs = findLogprobs(event.providerMetadata);
    const choice = {
      index: 0,
      delta: {},
      logprobs: logprobs ?? null,
      finish_reason: toFinishReason(event.finishReason, refused),
    };
    const extra = JSON.stringify(answerFields(event.providerMetadata)).slice(1, -1);
    const more = extra === '' ? '' : `,${extra}`;
    const last = `${beginning}${head},"choices":[${JSON.stringify(choice)}]${more}${usageNull}}\n\n`;
    const usage = options.includeUsage ? toCompletionUsage(event.usage) : undefined;
    return usage === undefined
      ? last
      : `${last}${head},"choices":[],"usage":${JSON.stringify(usage)}${more}}\n\n`;
  };

  const writeText = (event: ModelEvent & { type: 'text-delta' }): string => {
    const logprobs = event.providerMetadata === undefined ? undefined : findLogprobs(event.providerMetadata);
    if (event.delta === '' && logprobs === undefined) return '';
    const text = JSON.stringify(event.delta);
    return refusals.has(event.id)
      ? send(`{"refusal":${text}}`, 'null', logprobs)
      : send(`{"content":${text}}`, '""', logprobs);
  };

  return {
    write(event) {
      switch (event.type) {
        case 'text-delta':
          return writeText(event);
        case 'reasoning-delta':
          return event.delta === '' ? '' : send(`{"reasoning_content":${JSON.stringify(event.delta)}}`);
        case 'tool-input-delta': {
          const call = toolCalls.get(event.id);
          return call === undefined || event.delta === '' ? '' : growToolCall(call, event.delta);
        }
        case 'response-metadata':
          id ??= event.id;
          model = event.modelId ?? model;
          created ??= event.timestamp;
          return '';
        case 'text-start':
          if (event.refusal === true) {
            refused = true;
            refusals.add(event.id);
          }
          return '';
        case 'tool-input-start':
          return beginToolCall(event.id, event.toolName, '');
        case 'tool-call':
          return completeToolCall(event.toolCallId, event.toolName, event.input);
        case 'source':
          return send(`{"annotations":[${JSON.stringify(toAnnotation(event))}]}`);
        case 'file':
          return send(JSON.stringify(toFileOutput([event])));
        case 'finish':
          return writeFinish(event);
        default:
          return '';
      }
    },
  };
};
