import { type JsonObject, type ModelEvent, ProviderError, type ProviderMetadata } from '@millrace/core/model';
import { asList, asObject, asText } from '../transport/index.js';
import { toFinishReason } from './finish-reason.js';
import { readUsage } from './read-usage.js';
import { createReasoningTagReader, type TaggedPiece } from './reasoning-tag.js';
import { createToolCallAssembler } from './tool-call-assembler.js';
import type { WireChoice, WireCompletion, WireMessage } from './wire.js';

/** Turns a completion, or the chunks of one, into events. */
export interface AnswerReader {
  /** Take one chunk of a stream, or the one body of a whole answer. */
  add(completion: WireCompletion, out: ModelEvent[]): void;
  /** Take a piece of text that came without anything else. */
  addText(text: string, out: ModelEvent[]): void;
  /**
   * Close what is open and finish.
   *
   * @param whole - The answer came as one body, so that it is complete even without a finish reason.
   * @throws ProviderError `INTERRUPTED` when a stream ended before the vendor said why, `INVALID_RESPONSE` when nothing
   * that came was a completion.
   */
  end(out: ModelEvent[], whole: boolean): void;
}

/** How to read. */
export interface AnswerReaderOptions {
  /** The provider's id. */
  readonly provider: string;
  /** The model that was asked, for messages. */
  readonly model: string;
  /** A tag between which the text holds reasoning, such as `think`. */
  readonly reasoningTag?: string | undefined;
}

type BlockType = 'text' | 'refusal' | 'reasoning';

/** Start reading an answer. */
export const createAnswerReader = (options: AnswerReaderOptions): AnswerReader => {
  const { provider, model } = options;
  const tools = createToolCallAssembler(provider, () => answerId ?? 'answer');
  const tags =
    options.reasoningTag === undefined ? undefined : createReasoningTagReader(options.reasoningTag);
  let answerId: string | undefined;
  let described = false;
  let block: { readonly type: BlockType; readonly id: string } | undefined;
  let blocks = 0;
  let sources = 0;
  let refused = false;
  let hasChoices = false;
  let rawFinishReason: string | undefined;
  let usage: unknown;
  let systemFingerprint: string | undefined;
  let serviceTier: string | undefined;

  const close = (out: ModelEvent[]): void => {
    if (block === undefined) return;
    out.push({ type: block.type === 'reasoning' ? 'reasoning-end' : 'text-end', id: block.id });
    block = undefined;
  };

  const grow = (
    type: BlockType,
    delta: string,
    out: ModelEvent[],
    providerMetadata?: ProviderMetadata,
  ): void => {
    if (block === undefined || block.type !== type) {
      close(out);
      block = { type, id: `${type}-${++blocks}` };
      out.push(
        type === 'reasoning'
          ? { type: 'reasoning-start', id: block.id }
          : { type: 'text-start', id: block.id, ...(type === 'refusal' && { refusal: true }) },
      );
    }
    const kind = type === 'reasoning' ? 'reasoning-delta' : 'text-delta';
    const { id } = block;
    out.push(
      providerMetadata === undefined
        ? { type: kind, id, delta }
        : { type: kind, id, delta, providerMetadata },
    );
  };

  const growText = (text: string, out: ModelEvent[], metadata?: ProviderMetadata): void => {
    if (text === '') return;
    if (tags === undefined) grow('text', text, out, metadata);
    else growTagged(tags.add(text), out, metadata);
  };

  const growTagged = (
    pieces: readonly TaggedPiece[],
    out: ModelEvent[],
    metadata?: ProviderMetadata,
  ): void => {
    for (const { type, text } of pieces) grow(type, text, out, type === 'text' ? metadata : undefined);
  };

  const describe = (completion: WireCompletion, out: ModelEvent[]): void => {
    const { id, model: modelId, created } = completion;
    // A server may send a chunk without names first, such as one about its content filter.
    if (described || (asText(id) === undefined && asText(modelId) === undefined)) return;
    described = true;
    answerId = asText(id);
    out.push({
      type: 'response-metadata',
      id: answerId,
      modelId: asText(modelId),
      timestamp: typeof created === 'number' && created > 0 ? created * 1000 : undefined,
    });
  };

  const readMessage = (message: WireMessage, logprobs: unknown, out: ModelEvent[]): void => {
    const metadata = isObject(logprobs) ? { [provider]: { logprobs } } : undefined;
    const thought = asText(message.reasoning_content) ?? asText(message.reasoning);
    if (thought !== undefined) grow('reasoning', thought, out);
    const { content } = message;
    if (typeof content === 'string') growText(content, out, metadata);
    else
      for (const { type, text } of partPieces(content)) {
        if (type === 'reasoning') grow(type, text, out);
        else growText(text, out, metadata);
      }
    const refusal = asText(message.refusal);
    if (refusal !== undefined) {
      refused = true;
      grow('refusal', refusal, out);
    }
    for (const annotation of asList(message.annotations)) {
      const citation = asObject<{ url?: unknown; title?: unknown }>(
        asObject<{ url_citation?: unknown }>(annotation).url_citation,
      );
      const url = asText(citation.url);
      if (url !== undefined)
        out.push({ type: 'source', id: `source-${++sources}`, url, title: asText(citation.title) });
    }
    if (asList(message.tool_calls).length > 0) {
      close(out);
      tools.add(message.tool_calls, out);
    }
  };

  return {
    add(completion, out) {
      describe(completion, out);
      if (isObject(completion.usage)) usage = completion.usage;
      else if (completion.x_groq !== undefined)
        usage = asObject<{ usage?: unknown }>(completion.x_groq).usage ?? usage;
      systemFingerprint = asText(completion.system_fingerprint) ?? systemFingerprint;
      serviceTier = asText(completion.service_tier) ?? serviceTier;
      hasChoices ||= Array.isArray(completion.choices);
      for (const item of asList(completion.choices)) {
        const choice = asObject<WireChoice>(item);
        if (typeof choice.index === 'number' && choice.index > 0) continue;
        readMessage(asObject<WireMessage>(choice.message ?? choice.delta), choice.logprobs, out);
        rawFinishReason = asText(choice.finish_reason) ?? rawFinishReason;
      }
    },
    addText: (text, out) => growText(text, out),
    end(out, whole) {
      if (tags !== undefined) growTagged(tags.end(), out);
      close(out);
      if (!hasChoices) {
        const message = `${provider}:${model} sent JSON that is not an answer; check the base URL.`;
        throw new ProviderError('INVALID_RESPONSE', message, { provider, model });
      }
      if (rawFinishReason === undefined && !whole) {
        const message = `${provider}:${model} broke off: the answer ended without a reason for its end.`;
        throw new ProviderError('INTERRUPTED', message, { provider, model });
      }
      tools.end(out);
      const facts = systemFingerprint !== undefined || serviceTier !== undefined;
      out.push({
        type: 'finish',
        finishReason: toFinishReason(rawFinishReason ?? 'stop', { toolCalls: tools.any(), refusal: refused }),
        rawFinishReason,
        usage: readUsage(usage),
        ...(facts && { providerMetadata: { [provider]: { systemFingerprint, serviceTier } } }),
      });
    },
  };
};

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** Content that is a list of parts, as that of Mistral's thinking models. */
const partPieces = (content: unknown): readonly TaggedPiece[] =>
  asList(content).flatMap((item): readonly TaggedPiece[] => {
    const part = asObject<{ type?: unknown; text?: unknown; thinking?: unknown }>(item);
    if (part.type === 'thinking') {
      const thought = asText(part.thinking);
      if (thought !== undefined) return [{ type: 'reasoning', text: thought }];
      return partPieces(part.thinking).map(({ text }) => ({ type: 'reasoning', text }));
    }
    const text = asText(part.text);
    return text === undefined ? [] : [{ type: 'text', text }];
  });
