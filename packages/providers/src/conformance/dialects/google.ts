import type { SceneAnswer, SceneError } from '../scene.js';
import { jsonBody, sse, type WireDialect } from '../wire-dialect.js';
import { STATUS, TOO_LONG } from './errors.js';

const FINISH = { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', 'content-filter': 'SAFETY' };
const STATES: Readonly<Record<SceneError, string>> = {
  authentication: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  'context-length': 'INVALID_ARGUMENT',
  server: 'INTERNAL',
  overloaded: 'UNAVAILABLE',
};

const errorOf = (error: SceneError, message: string) => ({
  error: {
    code: STATUS[error],
    message: error === 'context-length' ? TOO_LONG : message,
    status: STATES[error],
  },
});

const usageOf = ({ usage }: SceneAnswer) => ({
  promptTokenCount: usage.input,
  // Thoughts are counted beside the answer here.
  candidatesTokenCount: usage.output - (usage.reasoning ?? 0),
  totalTokenCount: usage.input + usage.output,
  ...(usage.cacheRead !== undefined && { cachedContentTokenCount: usage.cacheRead }),
  ...(usage.reasoning !== undefined && { thoughtsTokenCount: usage.reasoning }),
});

const partsOf = ({ text = [], reasoning, calls = [] }: SceneAnswer): object[] => [
  ...(reasoning === undefined ? [] : [{ text: reasoning, thought: true }]),
  ...text.map((part) => ({ text: part })),
  ...calls.map(({ name, input }) => ({
    functionCall: { name, ...(input !== '' && { args: JSON.parse(input) }) },
  })),
];

const response = (answer: SceneAnswer, parts: readonly object[], last: boolean): object => ({
  responseId: 'r1',
  modelVersion: answer.model,
  candidates: [
    { index: 0, content: { role: 'model', parts }, ...(last && { finishReason: FINISH[answer.finish] }) },
  ],
  usageMetadata: usageOf(answer),
});

/** Gemini's generateContent. */
export const googleDialect: WireDialect = {
  name: 'Gemini generateContent',
  streamType: 'text/event-stream',
  wantsStream: ({ path }) => path.includes(':streamGenerateContent'),
  whole: (answer) => jsonBody(response(answer, partsOf(answer), true)),
  pieces: (answer) => [
    ...partsOf(answer).map((part) => sse(response(answer, [part], false))),
    sse(response(answer, [], true)),
  ],
  refusal: (error, message) => jsonBody(errorOf(error, message), STATUS[error]),
  errorPiece: (error, message) => sse(errorOf(error, message)),
  malformedPiece: 'data: {"candidates": [{"content"\n\n',
  side({ path, json }) {
    if (/\/models(?:\?|$)/.test(path)) {
      const model = { name: 'models/conformance-model', supportedGenerationMethods: ['generateContent'] };
      return jsonBody({ models: [model] });
    }
    if (path.includes(':countTokens')) return jsonBody({ totalTokens: 5 });
    if (!path.includes(':batchEmbedContents')) return undefined;
    const { requests = [] } = json as { requests?: { content: { parts: { text: string }[] } }[] };
    const embeddings = requests.map(({ content }) => ({ values: [content.parts[0]?.text.length ?? 0, 1] }));
    return jsonBody({ embeddings });
  },
  has: {
    reasoning: true,
    modelName: true,
    parallelCalls: true,
    brokenArguments: false,
    contentFilter: true,
    cachedTokens: true,
    reasoningTokens: true,
    images: true,
    noArguments: true,
  },
};
