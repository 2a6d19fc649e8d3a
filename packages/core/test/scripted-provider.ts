import type { FinishReason, ModelEvent, ModelRequest, Usage } from '../src/model/index.js';
import type { CallContext, ModelInfo, Provider } from '../src/provider/index.js';

/** What the provider does with a request. */
export type Script = (request: ModelRequest, context: CallContext) => AsyncIterable<ModelEvent>;

/** Usage with only the totals known. */
export const usageOf = (input: number, output: number): Usage => ({
  inputTokens: { total: input, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: output, text: undefined, reasoning: undefined },
  estimated: false,
});

export const start: ModelEvent = { type: 'stream-start', warnings: [] };

export const served = (modelId: string): ModelEvent => ({
  type: 'response-metadata',
  id: 'answer-1',
  modelId,
});

export const finish = (
  usage: Usage = usageOf(1_000, 500),
  finishReason: FinishReason = 'stop',
): ModelEvent => ({
  type: 'finish',
  finishReason,
  usage,
});

/** The events of a block of text, in the given pieces. */
export const textBlock = (...pieces: readonly string[]): readonly ModelEvent[] => [
  { type: 'text-start', id: 't' },
  ...pieces.map((delta): ModelEvent => ({ type: 'text-delta', id: 't', delta })),
  { type: 'text-end', id: 't' },
];

/** A whole answer of text. */
export const textAnswer = (...pieces: readonly string[]): readonly ModelEvent[] => [
  start,
  ...textBlock(...pieces),
  finish(),
];

/** Play events as they are. */
export const play = (events: readonly ModelEvent[]): Script =>
  async function* () {
    yield* events;
  };

/** Play events, then fail. */
export const playThenThrow = (events: readonly ModelEvent[], error: unknown): Script =>
  async function* () {
    yield* events;
    throw error;
  };

/** Wait the way a socket waits: until the signal is aborted. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });

/** Play events, then say nothing until the signal is aborted. */
export const playThenWait = (events: readonly ModelEvent[]): Script =>
  async function* (_request, { signal }) {
    yield* events;
    await untilAborted(signal);
  };

/** $1 per million tokens in, $2 out. */
export const MODELS: readonly ModelInfo[] = [
  { id: 'one', tier: 'economy', price: { input: 1, output: 2 } },
  { id: 'two', tier: 'premium', price: { input: 10, output: 20 } },
];

/** A provider whose answers a test writes down. It counts the calls that reach it. */
export const scriptedProvider = (
  script: Script,
  changes: Partial<Provider> = {},
): Provider & { readonly calls: readonly ModelRequest[]; readonly contexts: readonly CallContext[] } => {
  const calls: ModelRequest[] = [];
  const contexts: CallContext[] = [];
  return {
    specification: 'millrace-provider-v1',
    id: 'scripted',
    label: 'Scripted',
    credential: { required: false },
    models: MODELS,
    stream(request, context) {
      calls.push(request);
      contexts.push(context);
      return script(request, context);
    },
    ...changes,
    calls,
    contexts,
  };
};

/** What a promise or a function failed with. */
export const failureOf = async (run: () => unknown): Promise<unknown> => {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
};
