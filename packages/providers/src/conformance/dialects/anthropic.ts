import type { SceneAnswer, SceneError } from '../scene.js';
import { jsonBody, sse, type UpstreamRequest, type WireDialect } from '../wire-dialect.js';
import { STATUS, TOO_LONG } from './errors.js';

const FINISH = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
};
const TYPES: Readonly<Record<SceneError, string>> = {
  authentication: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'rate-limit': 'rate_limit_error',
  'context-length': 'invalid_request_error',
  server: 'api_error',
  overloaded: 'overloaded_error',
};

const usageOf = ({ usage }: SceneAnswer) => ({
  // What was read from the cache comes on top of it here.
  input_tokens: usage.input - (usage.cacheRead ?? 0),
  cache_read_input_tokens: usage.cacheRead ?? 0,
  cache_creation_input_tokens: 0,
  output_tokens: usage.output,
  ...(usage.reasoning !== undefined && { output_tokens_details: { thinking_tokens: usage.reasoning } }),
});

const errorOf = (error: SceneError, message: string) => ({
  type: 'error',
  error: { type: TYPES[error], message: error === 'context-length' ? TOO_LONG : message },
});

const parsed = (input: string): object => (input === '' ? {} : JSON.parse(input));

const event = (type: string, fields: object): string => sse({ type, ...fields }, type);

const wantsStream = ({ json }: UpstreamRequest): boolean =>
  typeof json === 'object' && json !== null && 'stream' in json && json.stream === true;

/** Anthropic's Messages API. */
export const anthropicDialect: WireDialect = {
  name: 'Anthropic Messages',
  streamType: 'text/event-stream',
  wantsStream,
  whole(answer) {
    const { text = [], reasoning, calls = [] } = answer;
    return jsonBody({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: answer.model,
      content: [
        ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: 'x' }]),
        ...(text.length === 0 ? [] : [{ type: 'text', text: text.join('') }]),
        ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input: parsed(input) })),
      ],
      stop_reason: FINISH[answer.finish],
      usage: usageOf(answer),
    });
  },
  pieces(answer) {
    const { text = [], reasoning, calls = [] } = answer;
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: answer.model,
      content: [],
      stop_reason: null,
      usage: { ...usageOf(answer), output_tokens: 1 },
    };
    let index = -1;
    const block = (content_block: object, deltas: readonly object[]): string[] => {
      index += 1;
      return [
        event('content_block_start', { index, content_block }),
        ...deltas.map((delta) => event('content_block_delta', { index, delta })),
        event('content_block_stop', { index }),
      ];
    };
    return [
      event('message_start', { message }),
      ...(reasoning === undefined
        ? []
        : block({ type: 'thinking', thinking: '', signature: '' }, [
            { type: 'thinking_delta', thinking: reasoning },
            { type: 'signature_delta', signature: 'x' },
          ])),
      ...(text.length === 0
        ? []
        : block(
            { type: 'text', text: '' },
            text.map((part) => ({ type: 'text_delta', text: part })),
          )),
      ...calls.flatMap(({ id, name, input }) =>
        block({ type: 'tool_use', id, name, input: {} }, [{ type: 'input_json_delta', partial_json: input }]),
      ),
      event('message_delta', { delta: { stop_reason: FINISH[answer.finish] }, usage: usageOf(answer) }) +
        event('message_stop', {}),
    ];
  },
  refusal: (error, message) =>
    jsonBody(errorOf(error, message), error === 'overloaded' ? 529 : STATUS[error]),
  errorPiece: (error, message) => event('error', errorOf(error, message)),
  malformedPiece: 'event: content_block_delta\ndata: {"type":"content_block\n\n',
  side({ path }) {
    if (/\/models(?:\?|$)/.test(path))
      return jsonBody({ data: [{ id: 'conformance-model', type: 'model' }] });
    return path.includes('count_tokens') ? jsonBody({ input_tokens: 5 }) : undefined;
  },
  has: {
    reasoning: true,
    modelName: true,
    parallelCalls: true,
    // They come as an object in a whole answer.
    brokenArguments: false,
    contentFilter: true,
    cachedTokens: true,
    reasoningTokens: true,
    images: true,
    noArguments: true,
  },
};
