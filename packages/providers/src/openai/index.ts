// OpenAI.
export { type OpenAIOptions, openai } from './openai.js';
export type { Fetch } from './send.js';
