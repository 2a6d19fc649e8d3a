// How long texts and requests are, in tokens.
export { estimateRequestTokens, estimateTextTokens } from './estimate-tokens.js';
export { loadTokenizer } from './load-tokenizer.js';
export type { Tokenizer } from './tokenizer.js';
