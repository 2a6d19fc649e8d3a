import type { SceneAnswer, SceneError } from '../scene.js';
import { jsonBody, sse, type UpstreamRequest, type WireBody, type WireDialect } from '../wire-dialect.js';
import { STATUS, TOO_LONG } from './errors.js';

const FINISH = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
};
const CODES: Readonly<Record<SceneError, string>> = {
  authentication: 'invalid_api_key',
  permission: 'permission_denied',
  'not-found': 'model_not_found',
  'rate-limit': 'rate_limit_exceeded',
  'context-length': 'context_length_exceeded',
  server: 'server_error',
  overloaded: 'engine_overloaded',
};

const usageOf = ({ usage }: SceneAnswer) => ({
  prompt_tokens: usage.input,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.output,
  ...(usage.cacheRead !== undefined && { prompt_tokens_details: { cached_tokens: usage.cacheRead } }),
  ...(usage.reasoning !== undefined && {
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }),
});

const errorOf = (error: SceneError, message: string) => ({
  error: {
    message: error === 'context-length' ? TOO_LONG : message,
    type: 'invalid_request_error',
    code: CODES[error],
  },
});

const bodyOf = ({ json }: UpstreamRequest): { stream?: unknown; input?: unknown } =>
  typeof json === 'object' && json !== null ? json : {};

/** Lists of models and vectors, as OpenAI's API has them. A vector begins with the length of its text. */
export const openaiSide = (request: UpstreamRequest): WireBody | undefined => {
  if (/\/models(?:\?|$)/.test(request.path))
    return jsonBody({ object: 'list', data: [{ id: 'conformance-model' }] });
  if (!request.path.endsWith('/embeddings')) return undefined;
  const { input } = bodyOf(request);
  const texts = (Array.isArray(input) ? input : [input]).map(String);
  return jsonBody({
    data: texts.map((text, index) => ({ index, embedding: [text.length, 1] })),
    model: 'embedding-model',
    usage: { prompt_tokens: texts.length },
  });
};

/** Chat completions, as OpenAI and most compatible servers speak them. */
export const openaiChatDialect: WireDialect = {
  name: 'OpenAI chat completions',
  basePath: '/v1',
  streamType: 'text/event-stream',
  wantsStream: (request) => bodyOf(request).stream === true,
  whole(answer) {
    const { text = [], reasoning, calls = [] } = answer;
    const message = {
      role: 'assistant',
      content: text.join('') || null,
      ...(reasoning !== undefined && { reasoning_content: reasoning }),
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ id, name, input }) => ({
          id,
          type: 'function',
          function: { name, arguments: input },
        })),
      }),
    };
    return jsonBody({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: answer.model,
      choices: [{ index: 0, message, finish_reason: FINISH[answer.finish] }],
      usage: usageOf(answer),
    });
  },
  pieces(answer) {
    const head = {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1_790_000_000,
      model: answer.model,
    };
    const chunk = (delta: object, finish: string | null = null): string =>
      sse({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
    const { text = [], reasoning, calls = [] } = answer;
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(reasoning === undefined ? [] : [chunk({ reasoning_content: reasoning })]),
      ...text.map((content) => chunk({ content })),
      ...calls.flatMap(({ id, name, input }, index) => [
        chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
        ...(input === '' ? [] : [chunk({ tool_calls: [{ index, function: { arguments: input } }] })]),
      ]),
      chunk({}, FINISH[answer.finish]),
      sse({ ...head, choices: [], usage: usageOf(answer) }) + sse('[DONE]'),
    ];
  },
  refusal: (error, message) => jsonBody(errorOf(error, message), STATUS[error]),
  errorPiece: (error, message) => sse(errorOf(error, message)),
  malformedPiece: 'data: {"choices": [{"delta"\n\n',
  side: openaiSide,
  has: {
    reasoning: true,
    modelName: true,
    parallelCalls: true,
    brokenArguments: true,
    contentFilter: true,
    cachedTokens: true,
    reasoningTokens: true,
    images: true,
    noArguments: true,
  },
};
