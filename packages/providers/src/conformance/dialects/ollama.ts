import type { SceneAnswer, SceneError } from '../scene.js';
import { jsonBody, type UpstreamRequest, type WireDialect } from '../wire-dialect.js';
import { STATUS, TOO_LONG } from './errors.js';

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

const endOf = ({ finish, usage }: SceneAnswer) => ({
  done: true,
  // A call of a tool is no reason of its own here.
  done_reason: finish === 'length' ? 'length' : 'stop',
  prompt_eval_count: usage.input,
  eval_count: usage.output,
});

const callsOf = ({ calls = [] }: SceneAnswer) =>
  calls.map(({ name, input }) => ({ function: { name, arguments: input === '' ? {} : JSON.parse(input) } }));

const bodyOf = ({ json }: UpstreamRequest): { stream?: unknown; input?: unknown } =>
  typeof json === 'object' && json !== null ? json : {};

const errorOf = (error: SceneError, message: string) => ({
  error: error === 'context-length' ? TOO_LONG : message,
});

/** Ollama's own API. */
export const ollamaDialect: WireDialect = {
  name: 'Ollama chat',
  streamType: 'application/x-ndjson',
  wantsStream: (request) => bodyOf(request).stream !== false,
  whole(answer) {
    const { text = [], reasoning, model } = answer;
    const calls = callsOf(answer);
    const message = {
      role: 'assistant',
      content: text.join(''),
      ...(reasoning !== undefined && { thinking: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return jsonBody({ model, created_at: '2026-11-20T00:00:00Z', message, ...endOf(answer) });
  },
  pieces(answer) {
    const { text = [], reasoning, model } = answer;
    const head = { model, created_at: '2026-11-20T00:00:00Z' };
    const piece = (message: object): string =>
      line({ ...head, message: { role: 'assistant', content: '', ...message }, done: false });
    return [
      ...(reasoning === undefined ? [] : [piece({ thinking: reasoning })]),
      ...text.map((content) => piece({ content })),
      ...callsOf(answer).map((call) => piece({ tool_calls: [call] })),
      line({ ...head, message: { role: 'assistant', content: '' }, ...endOf(answer) }),
    ];
  },
  refusal: (error, message) => jsonBody(errorOf(error, message), STATUS[error]),
  malformedPiece: '{"model": "x", "message": {"con\n',
  side(request) {
    const { path } = request;
    if (path.endsWith('/api/tags'))
      return jsonBody({ models: [{ name: 'conformance-model', model: 'conformance-model' }] });
    if (path.endsWith('/api/show'))
      return jsonBody({
        capabilities: ['completion', 'tools', 'vision', 'thinking'],
        model_info: { 'general.architecture': 'x', 'x.context_length': 8_192 },
      });
    if (!path.endsWith('/api/embed')) return undefined;
    const { input } = bodyOf(request);
    const texts = (Array.isArray(input) ? input : [input]).map(String);
    return jsonBody({ model: 'embedding-model', embeddings: texts.map((text) => [text.length, 1]) });
  },
  has: {
    reasoning: true,
    modelName: true,
    parallelCalls: true,
    brokenArguments: false,
    contentFilter: false,
    cachedTokens: false,
    reasoningTokens: false,
    images: true,
    noArguments: true,
  },
};
