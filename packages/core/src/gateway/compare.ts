import PQueue from 'p-queue';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { MessageInput } from '../model/message.js';
import type { Reply } from '../model/reply.js';
import { createCallId } from './call-id.js';
import type { ChatRequest } from './chat-request.js';

/** Something that the models should know, apart from the question. */
export interface ContextBlock {
  readonly name: string;
  readonly text: string;
}

/** One prompt for several models. */
export interface CompareRequest extends Omit<ChatRequest, 'model' | 'output'> {
  /** 1 to 20 models, as callers name them; each once. */
  readonly models: readonly string[];
  /** Put before the newest user message, each in a `<context>` of its name. */
  readonly context?: readonly ContextBlock[] | undefined;
  /** Calls at the same time. Default: all. */
  readonly concurrency?: number | undefined;
}

/** What one of the models did. */
export type CompareResult =
  | { readonly model: string; readonly reply: Reply; readonly latencyMs: number }
  | { readonly model: string; readonly error: MillraceError; readonly latencyMs: number };

/** What all of them did, in the order of the request. */
export interface CompareReply {
  /** Names the comparison: the `runId` of its calls, unless the request has one. */
  readonly id: string;
  readonly results: readonly CompareResult[];
}

const MOST_MODELS = 20;
const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

/** Asks several models the same. One that fails leaves the others as they are; each is recorded as any call is. */
export const createCompare =
  (chat: (request: ChatRequest) => Promise<Reply>) =>
  async (request: CompareRequest): Promise<CompareReply> => {
    const {
      models,
      context = [],
      concurrency = Number.POSITIVE_INFINITY,
      prompt,
      messages,
      ...rest
    } = request;
    check(models, context, concurrency);
    const id = createCallId();
    const asking = withContext({ prompt, messages }, context);
    const queue = new PQueue({ concurrency });
    const results = await Promise.all(
      models.map((model) =>
        queue.add(async (): Promise<CompareResult> => {
          const begun = performance.now();
          const latencyMs = (): number => Math.round(performance.now() - begun);
          try {
            // Another model in its place would not be a comparison.
            const routing = { ...rest.routing, fallback: false };
            const reply = await chat({ ...rest, ...asking, routing, model, runId: rest.runId ?? id });
            return { model, reply, latencyMs: latencyMs() };
          } catch (error) {
            if (!MillraceError.isInstance(error)) throw error;
            return { model, error, latencyMs: latencyMs() };
          }
        }),
      ),
    );
    return { id, results };
  };

const check = (models: unknown, context: unknown, concurrency: number): void => {
  if (!Array.isArray(models) || models.length === 0 || models.length > MOST_MODELS)
    throw bad(`\`models\` must name 1 to ${MOST_MODELS} models.`);
  if (models.some((model) => typeof model !== 'string' || model.trim() === ''))
    throw bad('Each of `models` must be the name of a model.');
  if (new Set(models).size < models.length) throw bad('`models` names a model twice.');
  if (!Array.isArray(context) || context.some((block) => !isBlock(block)))
    throw bad('`context` must be a list of blocks, each with a `name` and a `text`.');
  if (!(concurrency >= 1)) throw bad('`concurrency` must be at least 1.');
};

const isBlock = (block: unknown): boolean => {
  const { name, text } = (block ?? {}) as Partial<ContextBlock>;
  return typeof name === 'string' && /^[^"<>\n]{1,200}$/.test(name) && typeof text === 'string';
};

type Asking = Pick<ChatRequest, 'prompt' | 'messages'>;

const withContext = ({ prompt, messages }: Asking, context: readonly ContextBlock[]): Asking => {
  if (context.length === 0) return { prompt, messages };
  const blocks = context
    .map(({ name, text }) => `<context name="${name}">\n${text}\n</context>\n\n`)
    .join('');
  if (prompt !== undefined) return { prompt: `${blocks}${prompt}`, messages };
  const newest = messages?.findLastIndex(({ role }) => role === 'user') ?? -1;
  return {
    messages: messages?.map((message, index) => (index === newest ? inFront(message, blocks) : message)),
  };
};

const inFront = (message: MessageInput, blocks: string): MessageInput => {
  if (message.role !== 'user') return message;
  const { content } = message;
  if (typeof content === 'string') return { ...message, content: `${blocks}${content}` };
  return { ...message, content: [{ type: 'text', text: blocks }, ...content] };
};
