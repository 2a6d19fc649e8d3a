import {
  jsonBody,
  type SceneAnswer,
  type SceneError,
  sse,
  type WireDialect,
} from '@millrace/providers/conformance';

// How Cohere's API speaks, for the conformance kit: the vendor's reference of `POST /v2/chat`, in code.

const FINISH = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'ERROR',
};
const STATUS: Readonly<Record<SceneError, number>> = {
  authentication: 401,
  permission: 403,
  'not-found': 404,
  'rate-limit': 429,
  'context-length': 400,
  server: 500,
  overloaded: 503,
};

const usageOf = ({ usage }: SceneAnswer) => ({
  billed_units: { input_tokens: usage.input, output_tokens: usage.output },
  tokens: { input_tokens: usage.input, output_tokens: usage.output },
  ...(usage.cacheRead !== undefined && { cached_tokens: usage.cacheRead }),
});

const callOf = ({ id, name, input }: { id: string; name: string; input: string }) => ({
  id,
  type: 'function',
  function: { name, arguments: input },
});

export const cohereDialect: WireDialect = {
  name: 'Cohere chat',
  streamType: 'text/event-stream',
  wantsStream: ({ json }) => (json as { stream?: boolean } | undefined)?.stream === true,
  whole(answer) {
    const { text = [], reasoning, calls = [] } = answer;
    const content = [
      ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning }]),
      ...(text.length === 0 ? [] : [{ type: 'text', text: text.join('') }]),
    ];
    return jsonBody({
      id: 'answer-1',
      finish_reason: FINISH[answer.finish],
      message: { role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls.map(callOf) }) },
      usage: usageOf(answer),
    });
  },
  pieces(answer) {
    const { text = [], reasoning, calls = [] } = answer;
    const event = (type: string, fields: object = {}): string => sse({ type, ...fields }, type);
    let index = -1;
    const block = (kind: 'text' | 'thinking', pieces: readonly string[]): string[] => {
      index += 1;
      const part = (fields: object) => ({ index, delta: { message: { content: fields } } });
      return [
        event('content-start', part({ type: kind, [kind]: '' })),
        ...pieces.map((piece) => event('content-delta', part({ [kind]: piece }))),
        event('content-end', { index }),
      ];
    };
    return [
      event('message-start', { id: 'answer-1', delta: { message: { role: 'assistant', content: [] } } }),
      ...(reasoning === undefined ? [] : block('thinking', [reasoning])),
      ...(text.length === 0 ? [] : block('text', text)),
      ...calls.flatMap((call, place) => {
        const delta = (tool_calls: object) => ({ index: place, delta: { message: { tool_calls } } });
        return [
          event('tool-call-start', delta(callOf({ ...call, input: '' }))),
          event('tool-call-delta', delta({ function: { arguments: call.input } })),
          event('tool-call-end', { index: place }),
        ];
      }),
      event('message-end', { delta: { finish_reason: FINISH[answer.finish], usage: usageOf(answer) } }),
    ];
  },
  refusal: (error, message) =>
    jsonBody({ message: error === 'context-length' ? 'too many tokens' : message }, STATUS[error]),
  malformedPiece: 'event: content-delta\ndata: {"type":"content-d\n\n',
  side({ path, json }) {
    if (path.startsWith('/v1/models'))
      return jsonBody({ models: [{ name: 'conformance-model', context_length: 1_000 }] });
    if (path !== '/v2/embed') return undefined;
    const { texts = [] } = json as { texts?: string[] };
    return jsonBody({
      embeddings: { float: texts.map((text) => [text.length, 1]) },
      meta: { billed_units: { input_tokens: texts.length } },
    });
  },
  has: {
    reasoning: true,
    modelName: false,
    parallelCalls: true,
    brokenArguments: true,
    contentFilter: false,
    cachedTokens: true,
    reasoningTokens: false,
    images: true,
    noArguments: true,
  },
};
