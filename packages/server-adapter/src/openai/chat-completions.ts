import type { CallLabels, ChatRequest, ChatStream, Gateway } from '@millrace/core/gateway';
import type { ModelEvent, Reply, RouteInfo } from '@millrace/core/model';
import type { Logger } from '@millrace/core/telemetry';
import { type Answer, jsonAnswer } from '../http/answer.js';
import { headerValue } from '../http/header-value.js';
import { toChatCompletion } from './chat-completion.js';
import { createChunkWriter, DONE_MESSAGE } from './chunk-writer.js';
import { toChatRequest } from './convert-chat-request.js';
import { describeError, toErrorAnswer } from './error-answer.js';
import { parseChatCompletionRequest } from './parse-chat-completion-request.js';
import { createSseSource } from './sse-source.js';

/** Answers `POST /v1/chat/completions` from a parsed body. */
export type ChatCompletions = (body: unknown, labels: CallLabels, signal: AbortSignal) => Promise<Answer>;

const routeHeaders = (
  callId: string,
  route: RouteInfo | undefined,
  { cache, tokensSaved }: Pick<Reply, 'cache' | 'tokensSaved'>,
): Record<string, string> => ({
  'x-task-id': callId,
  'x-cache-hit': String(cache !== undefined),
  'x-tokens-saved': String(tokensSaved ?? 0),
  ...(route !== undefined && {
    'x-provider': headerValue(route.provider),
    'x-model': headerValue(route.model),
  }),
});

const answerWhole = async (gateway: Gateway, request: ChatRequest<undefined>): Promise<Answer> => {
  const reply = await gateway.chat(request);
  return jsonAnswer(200, toChatCompletion(reply), routeHeaders(reply.id, reply.route, reply));
};

/**
 * Read up to the first event that shows: until then a failure can be answered with a status of its own, which
 * clients repeat by themselves, also when the vendor reports it inside a successful answer.
 */
const readBeginning = async (stream: ChatStream): Promise<ModelEvent[]> => {
  const events: ModelEvent[] = [];
  for (;;) {
    const result = await stream.next();
    if (result.done === true) return events;
    events.push(result.value);
    if (result.value.type !== 'stream-start' && result.value.type !== 'response-metadata') return events;
  }
};

const answerStream = async (
  stream: ChatStream,
  includeUsage: boolean,
  logger: Logger | undefined,
): Promise<Answer> => {
  const context = { callId: stream.id, logger };
  let beginning: ModelEvent[];
  try {
    beginning = await readBeginning(stream);
  } catch (error) {
    return toErrorAnswer(error, context);
  }
  const { route } = stream;
  const [first] = beginning;
  const writer = createChunkWriter({ callId: stream.id, model: route?.model ?? 'unknown', includeUsage });
  const body = createSseSource({
    events: stream,
    text: beginning.map(writer.write).join(''),
    write: writer.write,
    done: DONE_MESSAGE,
    fail: (error) => `data: ${JSON.stringify(describeError(error, context).body)}\n\n`,
  });
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // Keeps nginx from holding the stream back.
    'x-accel-buffering': 'no',
    ...routeHeaders(stream.id, route, {
      cache: undefined,
      tokensSaved: undefined,
      ...(first?.type === 'stream-start' && first),
    }),
  };
  return { status: 200, headers, body };
};

/** Serve chat completions from a gateway. */
export const createChatCompletions =
  (gateway: Gateway, logger: Logger | undefined): ChatCompletions =>
  async (value, labels, signal) => {
    const body = parseChatCompletionRequest(value);
    const request = toChatRequest(body, labels, signal);
    if (body.stream !== true) return answerWhole(gateway, request as ChatRequest<undefined>);
    return answerStream(gateway.stream(request), body.stream_options?.include_usage === true, logger);
  };
