import { estimateTokenCount } from 'tokenx';
import type { Message, ToolResultOutput } from '../model/message.js';
import type { ModelRequest } from '../model/model-request.js';

/** What an image or a document counts for: about a 512 × 512 image in high detail. Vendors differ widely. */
const TOKENS_PER_FILE = 765;
/** What the frame of a message counts for. */
const TOKENS_PER_MESSAGE = 4;

/** An estimate of a text's tokens by its characters, within some 5 % for English prose; no tokenizer is loaded. */
export const estimateTextTokens = (text: string): number => (text === '' ? 0 : estimateTokenCount(text));

/**
 * An estimate of a request's input tokens: its texts, its tools, and a frame around each message.
 *
 * @param count - Counts a text. Default: an estimate by its characters.
 */
export const estimateRequestTokens = (
  request: ModelRequest,
  count: (text: string) => number = estimateTextTokens,
): number => {
  let total = 0;
  for (const message of request.messages) total += TOKENS_PER_MESSAGE + messageTokens(message, count);
  if (request.tools !== undefined && request.tools.length > 0) {
    const described = request.tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
    total += count(jsonText(described));
  }
  return total;
};

/** Empty for what JSON cannot hold: an estimate must not fail a call. */
const jsonText = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
};

const resultTokens = (output: ToolResultOutput, count: (text: string) => number): number => {
  if (output.type !== 'content') return count(jsonText('value' in output ? output.value : output));
  // Of a file its kind counts and not its bytes.
  return output.value.reduce(
    (sum, part) => sum + (part.type === 'text' ? count(part.text) : TOKENS_PER_FILE),
    0,
  );
};

const messageTokens = (message: Message, count: (text: string) => number): number => {
  if (message.role === 'system') return count(message.content);
  let total = 0;
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        total += count(part.text);
        break;
      case 'file':
        total += TOKENS_PER_FILE;
        break;
      case 'tool-call':
        total += count(part.toolName + (part.inputText ?? jsonText(part.input)));
        break;
      case 'tool-result':
        total += resultTokens(part.output, count);
        break;
      default:
        break;
    }
  }
  return total;
};
