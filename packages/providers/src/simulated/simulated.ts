import { MillraceError, type ModelEvent, type ModelRequest, UNKNOWN_USAGE } from '@millrace/core/model';
import type { CallContext, ModelInfo, Provider } from '@millrace/core/provider';
import { simulatedAnswer } from './simulated-answer.js';

/** How to build a simulated provider. */
export interface SimulatedOptions {
  /** Default: `simulated`. */
  readonly id?: string | undefined;
  /** Pause before each piece of a streamed answer, in milliseconds. Default: 0. */
  readonly delayMs?: number | undefined;
}

const model = (tier: NonNullable<ModelInfo['tier']>): ModelInfo => ({
  id: `simulated-${tier}`,
  tier,
  price: { input: 0, output: 0 },
  contextWindow: 1_000_000,
  capabilities: { tools: true, vision: true, json: 'schema', reasoning: false },
});

/**
 * A provider that needs no key and no network: its answers are made up from the request, always the same ones, and
 * say so. For a first run, demonstrations and tests. `auto` and tiers choose it only while no real provider is ready.
 */
export const simulated = (options: SimulatedOptions = {}): Provider => ({
  specification: 'millrace-provider-v1',
  id: options.id ?? 'simulated',
  label: 'Simulated (no model is called)',
  simulated: true,
  credential: { required: false },
  models: [model('economy'), model('standard'), model('premium')],
  stream: (request, context) => answer(request, context, options.delayMs ?? 0),
  async verify() {
    return { status: 'verified', message: 'The simulated provider needs no key.' };
  },
});

async function* answer(
  request: ModelRequest,
  context: CallContext,
  delayMs: number,
): AsyncGenerator<ModelEvent> {
  await pause(0, context.signal);
  yield { type: 'stream-start', warnings: [] };
  yield { type: 'response-metadata', modelId: request.model };
  const said = simulatedAnswer(request);
  if (said.type === 'tool-call') {
    // Unique in a conversation, since each turn makes it longer.
    const id = `call_simulated_${request.messages.length}`;
    yield { type: 'tool-input-start', id, toolName: said.toolName };
    yield { type: 'tool-input-delta', id, delta: said.input };
    yield { type: 'tool-input-end', id };
    yield { type: 'tool-call', toolCallId: id, toolName: said.toolName, input: said.input };
    yield { type: 'finish', finishReason: 'tool-calls', usage: UNKNOWN_USAGE };
    return;
  }
  const { text, cut } = bounded(said.text, request);
  yield { type: 'text-start', id: 'text-1' };
  for (const delta of context.delivery === 'whole' ? [text] : pieces(text)) {
    await pause(delayMs, context.signal);
    yield { type: 'text-delta', id: 'text-1', delta };
  }
  yield { type: 'text-end', id: 'text-1' };
  yield { type: 'finish', finishReason: cut ? 'length' : 'stop', usage: UNKNOWN_USAGE };
}

/** Words, each with the white space before it. */
const pieces = (text: string): readonly string[] => text.match(/\s*\S+/g) ?? [text];

/** Honour the request's stop sequences and its token limit, at one token a word. */
const bounded = (text: string, request: ModelRequest): { readonly text: string; readonly cut: boolean } => {
  const stops = (request.stopSequences ?? []).map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  const stopped = stops.length > 0 ? text.slice(0, Math.min(...stops)) : text;
  const words = pieces(stopped);
  const limit = request.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return words.length > limit
    ? { text: words.slice(0, limit).join(''), cut: true }
    : { text: stopped, cut: false };
};

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  if (ms > 0 && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    });
  }
  if (!signal.aborted) return;
  throw MillraceError.isInstance(signal.reason)
    ? signal.reason
    : new MillraceError('CANCELLED', 'The call was cancelled.', { cause: signal.reason });
};
