import type { ModelRequest } from '../model/model-request.js';
import type { ModelInfo } from '../provider/model-info.js';

/** What a request asks of a model. */
export interface RequestNeeds {
  readonly tools: boolean;
  readonly json: boolean;
  readonly vision: boolean;
  /** About how long it is, in tokens: four characters are one. */
  readonly tokensIn: number;
  /** How long the answer may be, where the caller says so. */
  readonly tokensOut: number | undefined;
}

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_FILE = 765;

/** Looked at once for all models. */
export const needsOf = (request: ModelRequest): RequestNeeds => {
  let characters = 0;
  let files = 0;
  let vision = false;
  for (const message of request.messages) {
    if (message.role === 'system') {
      characters += message.content.length;
      continue;
    }
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning') characters += part.text.length;
      else if (part.type === 'tool-call') characters += part.inputText?.length ?? 0;
      else if (part.type === 'tool-result' && typeof part.output === 'object' && 'value' in part.output)
        characters += typeof part.output.value === 'string' ? part.output.value.length : 0;
      else if (part.type === 'file') {
        files += 1;
        vision ||= message.role === 'user' && part.mediaType.startsWith('image/');
      }
    }
  }
  return {
    tools: (request.tools?.length ?? 0) > 0,
    json: request.responseFormat?.type === 'json',
    vision,
    tokensIn: Math.ceil(characters / CHARACTERS_PER_TOKEN) + files * TOKENS_PER_FILE,
    tokensOut: request.maxOutputTokens,
  };
};

/** What a request needs and a model is known not to have; `undefined` when nothing is known to be missing. */
export const lacking = (
  { capabilities }: Pick<ModelInfo, 'capabilities'>,
  needs: RequestNeeds,
): string | undefined => {
  if (capabilities === undefined) return undefined;
  if (needs.tools && capabilities.tools === false) return 'tools';
  if (needs.json && capabilities.json === false) return 'JSON output';
  if (needs.vision && capabilities.vision === false) return 'images as input';
  return undefined;
};

/** Whether a request is longer than a model takes, as far as is known. */
export const isTooLong = (
  { contextWindow }: Pick<ModelInfo, 'contextWindow'>,
  { tokensIn, tokensOut = 0 }: RequestNeeds,
): boolean => contextWindow !== undefined && tokensIn + tokensOut > contextWindow;
