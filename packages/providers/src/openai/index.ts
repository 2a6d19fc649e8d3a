// OpenAI.
export { type OpenAIOptions, openai } from './openai.js';
