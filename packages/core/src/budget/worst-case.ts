import type { AssistantPart, FilePart, ToolResultPart } from '../model/message.js';
import type { ModelRequest } from '../model/model-request.js';
import { UNKNOWN_USAGE, type Usage } from '../model/usage.js';
import type { ModelInfo } from '../provider/model-info.js';
import { batchPrice, computeCost } from '../provider/price.js';
import { estimateRequestTokens } from '../tokens/estimate-tokens.js';
import { textBound } from './token-bound.js';

/** The most that a call may use and cost. */
export interface WorstCase {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars; null where the price is not known. */
  readonly costUsd: number | null;
}

/** What is known of a call besides its request. */
export interface WorstCaseOptions {
  /** Part of the usual price, such as 0.5 for a batch. Default: 1. */
  readonly priceFactor?: number | undefined;
  /** The longest answer, in tokens; infinite: as long as the model allows. Default: `maxOutputTokens`. */
  readonly outputLimit?: number | undefined;
}

/** What vendors put around a request. */
const TOKENS_PER_REQUEST = 16;
/** What vendors put around tools. */
const TOKENS_FOR_TOOLS = 600;
/** A large image in the highest usual detail: 3.75 million pixels, at 750 a token. */
const TOKENS_PER_IMAGE = 5_000;
/** Characters of a file for one token; documents of pictures have fewer. */
const BYTES_PER_TOKEN = 4;
/** For a file that the vendor fetches, whose size is not known. */
const TOKENS_PER_UNSEEN_FILE = 20_000;
/** For a model of which nothing is known. */
const UNKNOWN_OUTPUT = 8_192;

/**
 * The most that a request may cost at a model: all its input at the dearest rate of the price (nothing cached, or all
 * of it written to the cache), and an answer as long as its limit or the model allows.
 */
export const worstCase = (
  request: ModelRequest,
  info: ModelInfo | undefined,
  { priceFactor = 1, outputLimit = request.maxOutputTokens }: WorstCaseOptions = {},
): WorstCase => {
  const window = info?.contextWindow ?? Number.POSITIVE_INFINITY;
  const tokensIn = Math.min(window, inputBound(request));
  const longest = info?.maxOutputTokens ?? UNKNOWN_OUTPUT;
  const limit = outputLimit !== undefined && Number.isFinite(outputLimit) ? outputLimit : longest;
  const tokensOut = Math.min(window, limit);
  return { tokensIn, tokensOut, costUsd: worstCost(tokensIn, tokensOut, info, priceFactor) };
};

/** The most that texts may cost at an embedding model. */
export const worstCaseOfTexts = (values: readonly string[], info: ModelInfo | undefined): WorstCase => {
  const request: ModelRequest = {
    model: '',
    messages: [{ role: 'user', content: values.map((text) => ({ type: 'text', text })) }],
  };
  const tokensIn = inputBound(request);
  return { tokensIn, tokensOut: 0, costUsd: worstCost(tokensIn, 0, info, 1) };
};

const worstCost = (
  tokensIn: number,
  tokensOut: number,
  info: ModelInfo | undefined,
  factor: number,
): number | null => {
  const usage = (split: Partial<Usage['inputTokens']>): Usage => ({
    ...UNKNOWN_USAGE,
    inputTokens: { ...UNKNOWN_USAGE.inputTokens, total: tokensIn, ...split },
    outputTokens: { ...UNKNOWN_USAGE.outputTokens, total: tokensOut },
  });
  const price = info?.price && batchPrice(info.price, factor);
  const ways = [
    { noCache: tokensIn },
    { noCache: 0, cacheWrite: tokensIn },
    { noCache: 0, cacheWrite: tokensIn, cacheWriteLong: tokensIn },
  ];
  let worst = 0;
  for (const way of ways) {
    const { costUsd } = computeCost(usage(way), price);
    if (costUsd === null) return null;
    worst = Math.max(worst, costUsd);
  }
  return worst;
};

const inputBound = (request: ModelRequest): number => {
  let tokens = TOKENS_PER_REQUEST + estimateRequestTokens(request, textBound);
  if (request.tools !== undefined && request.tools.length > 0) tokens += TOKENS_FOR_TOOLS;
  const { responseFormat } = request;
  if (responseFormat?.type === 'json') {
    tokens += TOKENS_FOR_TOOLS + textBound(JSON.stringify(responseFormat.schema ?? ''));
  }
  for (const message of request.messages) {
    if (message.role === 'system') continue;
    for (const part of message.content) for (const file of filesOf(part)) tokens += fileBound(file);
  }
  return tokens;
};

/** The files in a part of a message, those that a tool gave included. */
const filesOf = (part: AssistantPart | ToolResultPart): readonly FilePart[] => {
  if (part.type === 'file') return [part];
  if (part.type !== 'tool-result' || part.output.type !== 'content') return [];
  return part.output.value.filter((one) => one.type === 'file');
};

const fileBound = ({ mediaType, data }: FilePart): number => {
  if (mediaType.startsWith('image/')) return TOKENS_PER_IMAGE;
  if (data.type !== 'data') return TOKENS_PER_UNSEEN_FILE;
  const bytes = typeof data.data === 'string' ? data.data.length * 0.75 : data.data.byteLength;
  return Math.ceil(bytes / BYTES_PER_TOKEN);
};
